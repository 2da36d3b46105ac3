#!/usr/bin/env bash
# Packages of a newer Debian suite, unpacked into DEST beside the system, with their own loader and libraries.
# usage: debian.sh DEST SUITE PACKAGE BINARY PATTERN...   BINARY: relative to DEST; PATTERN: which .debs to unpack
# Uses the mirror and the keyring that this machine's apt already has. Debian only; patchelf is installed if missing.
set -euo pipefail
dest=$(cd "$1" && pwd)
suite=$2 package=$3 binary=$4
shift 4

if ! command -v patchelf >/dev/null; then
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends patchelf
fi

# A private apt: its own lists, an empty package status (so that libc comes along), nothing of the system changed.
apt=$dest/.apt
mkdir -p "$apt"/lists/partial "$apt"/cache/archives/partial "$apt/empty.d"
: >"$apt/status"
mirror=$({ grep -hsE '^URIs:' /etc/apt/sources.list.d/debian.sources || grep -hsE '^deb ' /etc/apt/sources.list; } |
  grep -oE 'https?://[^ ]+' | grep -v security | head -n 1)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$apt/sources.list"
cat >"$apt/apt.conf" <<C
Dir::State::Lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/empty.d";
Dir::Cache "$apt/cache";
Dir::Cache::Archives "$apt/cache/archives";
APT::Sandbox::User "root";
C
export APT_CONFIG=$apt/apt.conf
apt-get update -q
apt-get install -q -y --download-only --no-install-recommends "$package"
for file in "$apt"/cache/archives/*.deb; do
  for pattern in "$@" 'libc6_*' 'libgcc-s1*'; do
    # shellcheck disable=SC2254 # a pattern is meant
    case $(basename "$file") in $pattern) dpkg -x "$file" "$dest" ;; esac
  done
done
rm -rf "$apt"

# Loader and rpath are written into the binary, so that it is itself for the programs it starts.
libraries=$dest/usr/lib/$(uname -m)-linux-gnu
loader=$(find "$libraries" -name 'ld-linux-*' | head -n 1)
patchelf --set-interpreter "$loader" --force-rpath --set-rpath "$libraries:$dest/lib/$(uname -m)-linux-gnu" "$dest/$binary"
