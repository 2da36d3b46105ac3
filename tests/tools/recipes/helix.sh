#!/usr/bin/env bash
# Helix 25, Debian trixie's. usage: helix.sh DEST  → DEST/hx
set -euo pipefail
dest=$(cd "$1" && pwd)
bash "$(dirname "$0")/../debian.sh" "$dest" trixie hx usr/bin/hx 'hx_*' 'hx-*' 'helix*' 'libtree-sitter*' 'libstdc++6*'
cat >"$dest/hx" <<W
#!/bin/sh
exec "$dest/usr/bin/hx" "\$@"
W
chmod +x "$dest/hx"
"$dest/hx" --version
