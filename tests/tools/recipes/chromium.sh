#!/usr/bin/env bash
# Chromium, Debian's package. usage: chromium.sh DEST  → DEST/chromium
# An installed one is only recorded; otherwise it is installed by apt-get, which needs root.
set -euo pipefail
dest=$1
find_it() { command -v chromium || command -v chromium-browser || command -v google-chrome || true; }
program=$(find_it)
if [ -z "$program" ]; then
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium
  program=$(find_it)
fi
ln -sfn "$program" "$dest/chromium"
"$dest/chromium" --version
