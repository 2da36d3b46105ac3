#!/usr/bin/env bash
# tmux, Debian's package: installed by apt-get if it is missing, which needs root. usage: tmux.sh DEST  → DEST/tmux
set -euo pipefail
if ! command -v tmux >/dev/null; then
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends tmux
fi
ln -sfn "$(command -v tmux)" "$1/tmux"
"$1/tmux" -V
