#!/usr/bin/env bash
# luacheck, Debian's package. usage: lua-check.sh DEST  → DEST/luacheck
set -euo pipefail
dest=$1
if ! command -v luacheck >/dev/null; then
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends lua-check
fi
ln -sfn "$(command -v luacheck)" "$dest/luacheck"
"$dest/luacheck" --version
