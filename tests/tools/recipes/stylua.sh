#!/usr/bin/env bash
# StyLua's WebAssembly build from npm, with a command in front. usage: stylua.sh DEST  → DEST/stylua [--check] FILE…
set -euo pipefail
dest=$(cd "$1" && pwd)
cd "$dest"
echo '{"private":true,"type":"module"}' >package.json
npm install @johnnymorganz/stylua@2.5.2 --ignore-scripts --no-audit --no-fund --loglevel=error
cat >stylua.mjs <<'J'
// Formats Lua files in place; with --check, lists those it would change and exits 1. The style is that of
// editors/neovim/stylua.toml, said again because this build takes its configuration as an object.
import { readFileSync, writeFileSync } from "node:fs";
import { Config, formatCode, IndentType, OutputVerification, QuoteStyle } from "@johnnymorganz/stylua";

const [check, ...rest] = process.argv.slice(2);
const files = check === "--check" ? rest : [check, ...rest];
function config() {
  const made = Config.new();
  made.column_width = 120;
  made.indent_type = IndentType.Spaces;
  made.indent_width = 2;
  made.quote_style = QuoteStyle.AutoPreferSingle;
  return made;
}
let changed = 0;
for (const file of files) {
  const before = readFileSync(file, "utf8");
  // formatCode takes its configuration over: each call needs a new one.
  const after = formatCode(before, config(), undefined, OutputVerification.Full);
  if (after === before) continue;
  changed += 1;
  console.log(file);
  if (check !== "--check") writeFileSync(file, after);
}
process.exit(check === "--check" && changed > 0 ? 1 : 0);
J
cat >stylua <<W
#!/bin/sh
exec node "$dest/stylua.mjs" "\$@"
W
chmod +x stylua
printf 'local a = "b"\n' >check.lua && ./stylua check.lua && grep -q "'b'" check.lua
