// Bundles the extension to out/extension.js, what it loads once a server starts to out/languageClient.js (nine tenths of the
// code, which no activation should wait for) and its panel's page to out/session.js; with --tests, each test file to
// out/test/.
import { readdirSync } from "node:fs";
import { build } from "esbuild";

const tests = process.argv.includes("--tests");
const production = process.argv.includes("--production");

const common = { bundle: true, minify: production, sourcemap: !production, logLevel: "warning" };

await build({
  ...common,
  entryPoints: tests
    ? [...readdirSync("test").filter((name) => name.endsWith(".test.ts")), "host/commands.ts"].map(
        (name) => `test/${name}`,
      )
    : ["src/extension.ts", "src/languageClient.ts"],
  outdir: tests ? "out/test" : "out",
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode", "./languageClient"],
  supported: { "dynamic-import": false }, // require() it: an import() would want the file's full name
});
if (!tests) {
  const page = { entryPoints: ["webview/session.ts"], outdir: "out", platform: "browser", format: "iife" };
  await build({ ...common, ...page, target: "es2022" });
}
