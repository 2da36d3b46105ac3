"""Small broken projects: what lints, formats and builds JavaScript and TypeScript."""

# ruff: noqa: E501 (files as they are written)

from tests.ci.corpus.case import Case
from tests.ci.corpus.cases_javascript import JS

TS = {
    "package.json": '{"name": "shop", "private": true, "type": "module"}\n',
    "tsconfig.json": '{"compilerOptions": {"strict": true, "noEmit": true, "types": [], "module": "nodenext", "noUnusedLocals": true, "skipLibCheck": true}, "include": ["src"]}\n',
    "src/cart.ts": "import { gone } from './nowhere.js';\nimport left from 'left-pad';\n\ninterface Item {\n  price: number;\n  name: string;\n}\n\nexport function total(items: Item[]): number {\n  const unused = 1;\n  return items.map((item) => item.cost).reduce((a, b) => a + b, '');\n}\n\ntotal([{ price: 'one', name: 2 }]);\n",
    "src/fine.ts": "export const x: number = 1;\n",
}
BUILD = {
    "tsconfig.json": '{"files": [], "references": [{"path": "lib"}, {"path": "app"}]}\n',
    "lib/tsconfig.json": '{"compilerOptions": {"composite": true, "strict": true, "types": []}, "include": ["*.ts"]}\n',
    "lib/a.ts": "export const n: number = 'one';\n",
    "app/tsconfig.json": '{"compilerOptions": {"composite": true, "strict": true, "types": []}, "include": ["*.ts"], "references": [{"path": "../lib"}]}\n',
    "app/b.ts": "import { n } from '../lib/a';\nexport const s: string = n;\n",
}
ESLINT = JS | {
    "src/bad.js": "const x = ;\n",
    "src/warn.js": "/* eslint-disable no-alert */\nvar a = 1\nif (a == 2) { a }\n",
}
TS_ESLINT = {
    "eslint.config.mjs": "import ts from 'typescript-eslint';\nexport default ts.config(ts.configs.recommended);\n",
    "a.ts": "const unused: any = 1;\nlet y = <string>'x';\n// @ts-ignore\nexport = y;\n",
}
STYLES = {
    "a.css": "a { colr: red; }\n\n\n\nb {}\na { color: #FFFFF }\n",
    ".stylelintrc.json": '{"rules": {"property-no-unknown": true, "color-no-invalid-hex": true, "block-no-empty": [true, {"severity": "warning"}]}}\n',
}
BIOME = {
    "a.ts": "let x = 1;\nif (x == 2) { debugger }\nvar unused: any = [1,2];\n",
    "bad.ts": "const = 1;\n",
    "b.json": '{"a": 1,}\n',
    "a.css": "a { colr: red }\n",
}


def eslint(name: str) -> Case:
    return Case(f"eslint-{name}", "eslint", f"eslint -f {name} src", ESLINT, modules=True)


CASES = (
    Case("tsc-project", "tsc", "tsc -p . --pretty false", TS, modules=True),
    Case("tsc-project-pretty", "tsc", "tsc -p . --pretty", TS, modules=True),
    Case("tsc-build", "tsc", "tsc --build --verbose --pretty false", BUILD),
    Case("tsc-build-pretty", "tsc", "tsc -b --pretty", BUILD),
    Case(
        "tsc-bad-json",
        "tsc",
        "tsc -p .",
        {"tsconfig.json": '{"compilerOptions": {"strict": tru,}, "include": ["src"\n', "src/a.ts": ""},
    ),
    Case("tsc-no-input", "tsc", "tsc -p .", {"tsconfig.json": '{"include": ["src"]}\n'}),
    Case(
        "tsc-in-npm",
        "npm",
        "npm run typecheck",
        TS
        | {
            "package.json": '{"name": "shop", "version": "1.0.0", "type": "module", "scripts": {"typecheck": "tsc -p ."}}\n'
        },
        modules=True,
    ),
    Case(
        "ts-node",
        "ts-node",
        "ts-node --esm a.ts; ts-node b.cts",
        {"package.json": "{}\n", "a.ts": "const n: number = 'one';\n", "b.cts": "throw new Error('at run');\n"},
        modules=True,
    ),
    Case(
        "tsx",
        "tsx",
        "tsx a.ts; tsx b.ts",
        {
            "package.json": "{}\n",
            "a.ts": "const x: = 1;\n",
            "b.ts": "function f(): never {\n  throw new TypeError('no');\n}\nf();\n",
        },
        modules=True,
    ),
    Case(
        "svelte-check-machine",
        "svelte-check",
        "svelte-check --no-tsconfig --output machine",
        {
            "package.json": "{}\n",
            "a.svelte": '<script lang="ts">\n  const n: number = "one";\n  export let unused;\n</script>\n<img src="x">\n',
        },
        modules=True,
    ),
    Case("eslint-more", "eslint", "eslint src", ESLINT, modules=True),
    *(
        eslint(name)
        for name in (
            "json",
            "visualstudio",
            "tap",
            "checkstyle",
            "junit",
            "codeframe",
            "jslint-xml",
            "pretty",
            "friendly",
        )
    ),
    Case("eslint-max-warnings", "eslint", "eslint --max-warnings 0 src/warn.js", ESLINT, modules=True),
    Case(
        "eslint-config",
        "eslint",
        "eslint src",
        {"src/a.js": "", "eslint.config.mjs": "import gone from './nowhere.mjs';\nexport default [gone];\n"},
    ),
    Case(
        "eslint-rule",
        "eslint",
        "eslint src",
        {"src/a.js": "x;\n", "eslint.config.mjs": "export default [{ rules: { 'no-such-rule': 'error' } }];\n"},
    ),
    Case("eslint-typescript", "eslint", "eslint .", TS_ESLINT, modules=True),
    Case(
        "xo",
        "xo",
        "xo a.js",
        {"package.json": '{"type": "module"}\n', "a.js": "var x = 1;\nif (x == 2) { console.log('x') }\n"},
        modules=True,
    ),
    Case("stylelint-compact", "stylelint", "stylelint -f compact a.css", STYLES),
    Case("stylelint-unix", "stylelint", "stylelint -f unix a.css", STYLES),
    Case("stylelint-verbose", "stylelint", "stylelint -f verbose a.css", STYLES),
    Case("stylelint-tap", "stylelint", "stylelint -f tap a.css", STYLES),
    Case("stylelint-json", "stylelint", "stylelint -f json a.css", STYLES),
    Case("stylelint-syntax", "stylelint", "stylelint b.css", STYLES | {"b.css": "a { color: red\n"}),
    Case("biome-more", "biome", "biome check --colors=off .", BIOME),
    Case("biome-ci", "biome", "biome ci --colors=off .", BIOME),
    Case("biome-lint", "biome", "biome lint --colors=off --diagnostic-level=warn a.ts", BIOME),
    Case("biome-github", "biome", "biome ci --colors=off --reporter=github .", BIOME),
    Case("biome-junit", "biome", "biome check --colors=off --reporter=junit .", BIOME),
    Case("biome-summary", "biome", "biome check --colors=off --reporter=summary .", BIOME),
    Case("biome-gitlab", "biome", "biome check --colors=off --reporter=gitlab .", BIOME),
    Case(
        "oxlint-more",
        "oxlint",
        "oxlint -D correctness -W style .",
        {
            "a.ts": "const unused = 1;\ndebugger;\n",
            "bad.js": "const = 1;\n",
            "b.jsx": "export default () => <img />;\n",
        },
    ),
    *(
        Case(f"oxlint-{name}", "oxlint", f"oxlint -f {name} .", {"a.js": "const unused = 1;\ndebugger;\n"})
        for name in ("unix", "stylish", "github", "checkstyle", "gitlab", "json")
    ),
    Case(
        "prettier-list",
        "prettier",
        "prettier -l .",
        {"a.js": "const x = {a:1}\n", "b.css": "a{color:red}\n", "dir/c.ts": "let  x\n"},
    ),
    Case(
        "prettier-bad",
        "prettier",
        "prettier --check .",
        {
            "a.ts": "const x: = 1;\n",
            "b.json": '{"a": }\n',
            "c.yml": "a: [1\n",
            "d.md": "* a\n* b\n",
            "e.scss": "a { b {\n",
        },
    ),
)
