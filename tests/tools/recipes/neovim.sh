#!/usr/bin/env bash
# Neovim from a newer Debian suite, unpacked beside the system with its own loader and libraries.
# usage: neovim.sh DEST [SUITE]  → DEST/nvim     The default suite, forky, has 0.12; trixie has 0.10.
# Uses the mirror and the keyring that this machine's apt already has. Debian only; patchelf is installed if missing.
set -euo pipefail
dest=$(cd "$1" && pwd)
suite=${2:-forky}

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
apt-get install -q -y --download-only --no-install-recommends neovim
for package in "$apt"/cache/archives/*.deb; do
  case $(basename "$package") in
    neovim* | lua* | libluajit* | libuv1* | libutf8proc* | libtree-sitter* | libmsgpack* | libunibilium* | libtermkey* | \
      libvterm* | libc6_* | libgcc-s1* | tree-sitter* | libwasm*) dpkg -x "$package" "$dest" ;;
  esac
done
rm -rf "$apt"

# Loader and rpath are written into the binary, so that v:progpath is the real one (Neovim starts itself).
libraries=$dest/usr/lib/$(uname -m)-linux-gnu
loader=$(find "$libraries" -name 'ld-linux-*' | head -n 1)
patchelf --set-interpreter "$loader" --force-rpath --set-rpath "$libraries:$dest/lib/$(uname -m)-linux-gnu" "$dest/usr/bin/nvim"
cat >"$dest/nvim" <<W
#!/bin/sh
export VIMRUNTIME="$dest/usr/share/nvim/runtime"
exec "$dest/usr/bin/nvim" "\$@"
W
chmod +x "$dest/nvim"
"$dest/nvim" --version | head -n 1
