#!/usr/bin/env bash
# Checks and packs both editor clients: types, lint, format, unit tests, then editors/vscode/factory-ls.vsix.
# Needs Node 20 and `tests/tools/install.sh stylua lua-check`; `tests/editors` then runs what was packed here.
set -euo pipefail
cd "$(dirname "$0")"
tools=${FACTORY_TEST_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/factory-ls/tools}

cd vscode
if [ ! -d node_modules ] || [ package-lock.json -nt node_modules ]; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
fi
npm run --silent check
npm run --silent package
cd ..

mapfile -t lua < <(find neovim ../tests/editors ../benchmarks -name '*.lua')
"$tools/stylua/stylua" --check "${lua[@]}" || { echo "format these with $tools/stylua/stylua FILE…" >&2; exit 1; }
"$tools/lua-check/luacheck" --quiet --config neovim/.luacheckrc "${lua[@]}"
