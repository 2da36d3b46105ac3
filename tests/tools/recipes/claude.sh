#!/usr/bin/env bash
# The Claude command line, from npm. usage: claude.sh DEST → DEST/bin/claude
# Pinned: unpinned, npm on Node 20 silently picks an older release. It is a native program; Node only installs it.
set -euo pipefail
dest=$1
npm install --prefix "$dest" --no-fund --no-audit --loglevel=error @anthropic-ai/claude-code@2.1.330
mkdir -p "$dest/bin"
ln -sf ../node_modules/.bin/claude "$dest/bin/claude"
env -i PATH="$PATH" HOME="$dest" "$dest/bin/claude" --version
