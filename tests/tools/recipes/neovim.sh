#!/usr/bin/env bash
# Neovim from a newer Debian suite, unpacked beside the system with its own loader and libraries.
# usage: neovim.sh DEST [SUITE]  → DEST/nvim     The default suite, forky, has 0.12; trixie has 0.10.
set -euo pipefail
dest=$(cd "$1" && pwd)
suite=${2:-forky}

bash "$(dirname "$0")/../debian.sh" "$dest" "$suite" neovim usr/bin/nvim 'neovim*' 'lua*' 'libluajit*' 'libuv1*' \
  'libutf8proc*' 'libtree-sitter*' 'libmsgpack*' 'libunibilium*' 'libtermkey*' 'libvterm*' 'tree-sitter*' 'libwasm*'
cat >"$dest/nvim" <<W
#!/bin/sh
export VIMRUNTIME="$dest/usr/share/nvim/runtime"
exec "$dest/usr/bin/nvim" "\$@"
W
chmod +x "$dest/nvim"
"$dest/nvim" --version | head -n 1
