#!/usr/bin/env bash
# The oldest Neovim the plugin supports: 0.10, of Debian trixie. usage: neovim-0.10.sh DEST  → DEST/nvim
exec bash "$(dirname "$0")/neovim.sh" "$1" trixie
