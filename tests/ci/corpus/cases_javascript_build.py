"""Small broken projects: what builds, runs and installs JavaScript and TypeScript."""

# ruff: noqa: E501 (files as they are written)

from tests.ci.corpus.case import Case

WEB = {
    "package.json": '{"name": "shop", "private": true, "type": "module"}\n',
    "index.html": '<script type="module" src="/src/main.js"></script>\n',
    "src/main.js": "import { gone } from './b.js';\nimport nothing from './nowhere.js';\nimport pkg from 'no-such-package';\nconsole.log(gone, nothing, pkg);\n",
    "src/b.js": "export const here = 1;\n",
}

CASES = (
    Case("esbuild-more", "esbuild", "esbuild --bundle src/main.js --outdir=out", WEB),
    Case(
        "esbuild-ts",
        "esbuild",
        "esbuild a.ts b.css --outdir=out",
        {"a.ts": "const x: number = ;\nlet y == 2;\n", "b.css": "a { color: red\nb { }}\n"},
    ),
    Case(
        "webpack-more",
        "webpack",
        "webpack --mode production",
        WEB | {"src/index.js": "import './main.js';\nimport './a.css';\nconst y = ;\n", "src/a.css": "a {}\n"},
        modules=True,
    ),
    Case(
        "webpack-warn",
        "webpack",
        "webpack --mode production",
        {
            "package.json": "{}\n",
            "src/index.js": "import { gone } from './b.js';\nrequire(gone);\nconsole.log(gone);\n",
            "src/b.js": "export const here = 1;\n",
        },
        modules=True,
    ),
    Case("rollup-more", "rollup", "rollup src/main.js -d out", WEB),
    Case("rollup-syntax", "rollup", "rollup a.js -d out", {"a.js": "const x = ;\n"}),
    Case(
        "rollup-warn",
        "rollup",
        "rollup a.js -d out",
        {
            "a.js": "import x from 'no-such-package';\nimport y from 'no-such-package';\nconsole.log(x, this);\neval('1');\n"
        },
    ),
    Case(
        "vite-export",
        "vite",
        "vite build",
        WEB | {"src/main.js": "import { gone } from './b.js';\nconsole.log(gone);\n"},
        modules=True,
    ),
    Case(
        "vite-import",
        "vite",
        "vite build",
        WEB | {"src/main.js": "import nothing from './nowhere.js';\nconsole.log(nothing);\n"},
        modules=True,
    ),
    Case(
        "vite-package",
        "vite",
        "vite build",
        WEB | {"src/main.js": "import nothing from 'no-such-package';\nconsole.log(nothing);\n"},
        modules=True,
    ),
    Case("vite-config", "vite", "vite build", WEB | {"vite.config.js": "export default gone;\n"}, modules=True),
    Case(
        "vite-css",
        "vite",
        "vite build",
        WEB | {"src/main.js": "import './a.css';\n", "src/a.css": "a { color: red\n@import 'gone.css';\n"},
        modules=True,
    ),
    Case("parcel", "parcel", "parcel build --no-cache --no-autoinstall index.html", WEB, modules=True),
    Case(
        "parcel-syntax",
        "parcel",
        "parcel build --no-cache --no-autoinstall index.html",
        WEB | {"src/main.js": "const x = ;\n"},
        modules=True,
    ),
    Case("swc", "swc", "swc a.ts -o a.js", {"a.ts": "const x: number = ;\n"}, modules=True),
    Case("babel", "babel", "babel a.js", {"a.js": "const x = ;\n"}, modules=True),
    Case(
        "rspack", "rspack", "rspack build", WEB | {"src/index.js": "import './main.js';\nconst y = ;\n"}, modules=True
    ),
    Case(
        "tsup",
        "tsup",
        "tsup src/a.ts --dts",
        {
            "package.json": "{}\n",
            "tsconfig.json": '{"compilerOptions": {"strict": true}}\n',
            "src/a.ts": "export const n: number = 'one';\n",
        },
        modules=True,
    ),
    Case(
        "tsup-syntax",
        "tsup",
        "tsup src/a.ts",
        {"package.json": "{}\n", "src/a.ts": "export const n = ;\n"},
        modules=True,
    ),
    Case("madge", "madge", "madge --circular .", {"a.js": "import './b.js';\n", "b.js": "import './a.js';\n"}),
    Case(
        "depcheck",
        "depcheck",
        "depcheck",
        {
            "package.json": '{"name": "shop", "dependencies": {"left-pad": "1.0.0"}}\n',
            "a.js": "require('missing-one');\n",
        },
    ),
    Case(
        "dependency-cruiser",
        "depcruise",
        "depcruise --config d.cjs a.js b.js",
        {
            "package.json": "{}\n",
            "a.js": "import './b.js';\n",
            "b.js": "import './a.js';\n",
            "d.cjs": "module.exports = { forbidden: [{ name: 'no-circular', severity: 'error', from: {}, to: { circular: true } }] };\n",
        },
    ),
    Case(
        "tsd",
        "tsd",
        "tsd",
        {
            "package.json": '{"name": "shop", "version": "1.0.0", "types": "index.d.ts", "files": ["index.d.ts"]}\n',
            "index.d.ts": "export function f(a: number): string;\n",
            "index.test-d.ts": "import { expectType } from 'tsd';\nimport { f } from './index.js';\nexpectType<number>(f(1));\nf('x');\n",
        },
        modules=True,
    ),
    Case(
        "tslint",
        "tslint",
        "tslint -c tslint.json a.ts",
        {
            "tslint.json": '{"rules": {"semicolon": [true, "always"], "no-var-keyword": {"severity": "warning"}}}\n',
            "a.ts": "var x = 1\n",
        },
        modules=True,
    ),
    Case(
        "sass-warn",
        "sass",
        "sass b.scss",
        {"b.scss": "@import 'c';\na { width: math.div(10px, 2); }\n@warn 'careful';\n", "_c.scss": "$x: 1;\n"},
    ),
    Case(
        "commitlint",
        "commitlint",
        "echo 'Bad Message.' | commitlint --config c.json",
        {"c.json": '{"rules": {"type-empty": [2, "never"], "subject-full-stop": [1, "never", "."]}}\n'},
    ),
    Case(
        "publint",
        "publint",
        "publint .",
        {
            "package.json": '{"name": "shop", "version": "1.0.0", "main": "gone.js", "exports": {"import": "./a.mjs", "types": "./a.d.ts"}}\n'
        },
    ),
    Case(
        "typedoc",
        "typedoc",
        "typedoc --out docs a.ts",
        {
            "package.json": "{}\n",
            "tsconfig.json": '{"compilerOptions": {"types": []}, "files": ["a.ts"]}\n',
            "a.ts": "/** See {@link Gone} */\nexport const n: number = 'one';\n",
        },
        modules=True,
    ),
    Case(
        "npm-run",
        "npm",
        "npm run gone",
        {"package.json": '{"name": "shop", "version": "1.0.0", "scripts": {"test": "exit 3"}}\n'},
    ),
    Case(
        "npm-test",
        "npm",
        "npm test",
        {"package.json": '{"name": "shop", "version": "1.0.0", "scripts": {"test": "exit 3"}}\n'},
    ),
    Case("npm-json", "npm", "npm test", {"package.json": '{"name": "shop",\n "version": "1.0.0"\n "x": 1}\n'}),
    Case(
        "npm-ci",
        "npm",
        "npm ci --offline",
        {"package.json": '{"name": "shop", "version": "1.0.0", "dependencies": {"left-pad": "1.0.0"}}\n'},
    ),
    Case(
        "pnpm-run",
        "pnpm",
        "pnpm run gone; pnpm test",
        {"package.json": '{"name": "shop", "version": "1.0.0", "scripts": {"test": "exit 3"}}\n'},
    ),
    Case(
        "deno-more",
        "deno",
        "NO_COLOR=1 deno check a.ts b.ts; NO_COLOR=1 deno run b.ts; NO_COLOR=1 deno run c.ts",
        {
            "a.ts": 'import { x } from "./b.ts";\nconst n: number = x;\n',
            "b.ts": "export const x: string = 1;\nthrow new Error('at run');\n",
            "c.ts": "const = 1;\n",
        },
    ),
    Case("deno-fmt", "deno", "NO_COLOR=1 deno fmt --check", {"a.ts": "const x = {a:1}\n", "b.json": '{"a":1}\n'}),
    Case(
        "deno-lint-more",
        "deno",
        "NO_COLOR=1 deno lint --compact",
        {"a.ts": "export function f(x: any) {\n  debugger;\n}\n"},
    ),
)
