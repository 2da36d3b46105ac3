"""Small broken projects: JavaScript and the web."""

# ruff: noqa: E501 (files as they are written)

from tests.ci.corpus.case import Case

JS = {
    "package.json": '{"name": "shop", "private": true}\n',
    "src/cart.js": "export function total(prices) {\n  const unused = 1;\n  if (prices == null) return undefinedName;\n  return prices.reduce((a, b) => a + b)\n}\n",
    "eslint.config.mjs": 'export default [{ rules: { "no-unused-vars": "error", "no-undef": "error", eqeqeq: "warn", semi: "error" } }];\n',
}
JEST = {
    "package.json": '{"name": "shop", "private": true}\n',
    "cart.js": "module.exports.total = (prices) => prices.reduce((a, b) => a + b);\n",
    "cart.test.js": (
        "const { total } = require('./cart');\n\ndescribe('cart', () => {\n  test('adds', () => {\n    expect(total([1, 2])).toBe(4);\n  });\n\n"
        "  test('throws in the code', () => {\n    total(null);\n  });\n\n  test('passes and prints', () => {\n    console.error(new Error('only printed'));\n  });\n});\n"
    ),
    "broken.test.js": "const x = ;\n",
}
MOCHA = {
    "package.json": '{"name": "shop", "private": true}\n',
    "test/cart.js": (
        "const assert = require('assert');\nfunction total(p) {\n  return p.length;\n}\ndescribe('cart', function () {\n  it('adds', function () {\n"
        "    assert.strictEqual(total([1, 2]), 3);\n  });\n  it('throws', function () {\n    total(null);\n  });\n  it('is fine', function () {});\n});\n"
    ),
}
NODE_TEST = {
    "cart.test.js": (
        "const test = require('node:test');\nconst assert = require('node:assert');\n\ntest('cart', async (t) => {\n  await t.test('adds', () => {\n"
        "    assert.strictEqual(1 + 1, 3);\n  });\n  await t.test('fine', () => {});\n});\n"
    ),
}

CASES = (
    Case("eslint-stylish", "eslint", "eslint src", JS),
    Case("eslint-unix", "eslint", "eslint -f unix src", JS),
    Case("eslint-compact", "eslint", "eslint -f compact src", JS),
    Case("standard", "standard", "standard", {"package.json": "{}\n", "a.js": "var x = 1;\n"}),
    Case(
        "prettier",
        "prettier",
        "prettier --check .",
        {"a.js": "const x = {a:1}\n", "bad.js": "const = 1;\n", "b.css": "a{color:red}\n"},
    ),
    Case(
        "stylelint",
        "stylelint",
        "stylelint a.css",
        {
            "a.css": "a { colr: red; }\n\n\n\nb {}\n",
            ".stylelintrc.json": '{"rules": {"property-no-unknown": true, "block-no-empty": [true, {"severity": "warning"}]}}\n',
        },
    ),
    Case("markdownlint", "markdownlint", "markdownlint README.md", {"README.md": "#Title\n\n* a\n    * b\n"}),
    Case(
        "markdownlint-cli2",
        "markdownlint-cli2",
        "markdownlint-cli2 README.md",
        {"README.md": "#Title\n\n* a\n    * b\n"},
    ),
    Case(
        "biome",
        "biome",
        "biome check --colors=off .",
        {"a.ts": "let x = 1;\nif (x == 2) { debugger }\n", "bad.ts": "const = 1;\n"},
    ),
    Case("oxlint", "oxlint", "oxlint a.js", {"a.js": "const unused = 1;\ndebugger;\nif (x = 1) {}\n"}),
    Case(
        "tsc",
        "tsc",
        "tsc --noEmit --strict --pretty false a.ts",
        {"a.ts": 'const n: number = "one";\nfunction f(x) { return y; }\n'},
    ),
    Case(
        "tsc-pretty",
        "tsc",
        "tsc --noEmit --strict --pretty a.ts",
        {"a.ts": 'const n: number = "one";\nfunction f(x) { return y; }\n'},
    ),
    Case(
        "tsc-config", "tsc", "tsc -p .", {"tsconfig.json": '{"compilerOptions": {"nope": true}, "include": ["src"]}\n'}
    ),
    Case(
        "vue-tsc",
        "vue-tsc",
        "vue-tsc --noEmit -p .",
        {
            "tsconfig.json": '{"compilerOptions": {"strict": true, "skipLibCheck": true, "types": []}, "include": ["*.vue"]}\n',
            "a.vue": '<script setup lang="ts">\nconst n: number = "one";\n</script>\n<template>{{ n }}</template>\n',
        },
    ),
    Case(
        "svelte-check",
        "svelte-check",
        "svelte-check --output human --no-tsconfig",
        {"package.json": "{}\n", "a.svelte": "<script>\n  let x = ;\n</script>\n<img src='x'>\n"},
    ),
    Case("jest", "jest", "jest --ci --rootDir .", JEST),
    Case(
        "vitest",
        "vitest",
        "vitest run --no-cache",
        {
            "package.json": '{"type": "module"}\n',
            "cart.test.js": "import { test, expect, describe } from 'vitest';\nimport { total } from './cart.js';\n\ndescribe('cart', () => {\n  test('adds', () => {\n    expect(total([1, 2])).toBe(4);\n  });\n  test('inside', () => {\n    total(null);\n  });\n});\n",
            "cart.js": "export const total = (p) => p.reduce((a, b) => a + b);\n",
            "gone.test.js": "import './nowhere.js';\n",
        },
    ),
    Case("mocha", "mocha", "mocha", MOCHA),
    Case("mocha-tap", "mocha", "mocha -R tap", MOCHA),
    Case(
        "jasmine",
        "jasmine",
        "jasmine cart.spec.js",
        {"cart.spec.js": "describe('cart', () => {\n  it('adds', () => {\n    expect(1 + 1).toBe(3);\n  });\n});\n"},
    ),
    Case(
        "ava",
        "ava",
        "ava",
        {
            "package.json": '{"type": "module"}\n',
            "test.js": "import test from 'ava';\n\ntest('adds', t => {\n\tt.is(1 + 1, 3);\n});\n",
        },
    ),
    Case(
        "tape",
        "node",
        "node t.js",
        {
            "t.js": "const test = require('tape');\n\ntest('adds', (t) => {\n  t.equal(1 + 1, 3, 'sum');\n  t.end();\n});\n"
        },
    ),
    Case("node-test-spec", "node", "node --test --test-reporter=spec cart.test.js", NODE_TEST),
    Case("node-test-tap", "node", "node --test --test-reporter=tap cart.test.js", NODE_TEST),
    Case(
        "node-uncaught",
        "node",
        "node a.js",
        {
            "a.js": "const { f } = require('./b');\n\nf();\n",
            "b.js": "exports.f = () => {\n  throw new TypeError('no');\n};\n",
        },
    ),
    Case(
        "node-syntax",
        "node",
        "node a.mjs",
        {"a.mjs": "import { gone } from './b.mjs';\n", "b.mjs": "export const here = 1;\n"},
    ),
    Case(
        "bun-test",
        "bun",
        "bun test",
        {
            "cart.test.ts": "import { test, expect } from 'bun:test';\n\ntest('adds', () => {\n  expect(1 + 1).toBe(3);\n});\n\ntest('fine', () => {});\n"
        },
    ),
    Case(
        "deno-test",
        "deno",
        "NO_COLOR=1 deno test --no-check",
        {
            "cart_test.ts": "Deno.test('adds', () => {\n  if (1 + 1 !== 3) {\n    throw new Error('not three');\n  }\n});\n"
        },
    ),
    Case("deno-check", "deno", "NO_COLOR=1 deno check a.ts", {"a.ts": 'const n: number = "one";\n'}),
    Case("deno-lint", "deno", "NO_COLOR=1 deno lint a.ts", {"a.ts": "export function f(x: any) {\n  debugger;\n}\n"}),
    Case("esbuild", "esbuild", "esbuild --bundle a.js", {"a.js": "import x from './gone';\nconst y = ;\n"}),
    Case(
        "webpack",
        "webpack",
        "webpack --mode development",
        {"package.json": "{}\n", "src/index.js": "import x from './gone';\nconsole.log(x);\n"},
    ),
    Case(
        "rollup",
        "rollup",
        "rollup a.js",
        {"a.js": "import { gone } from './b.js';\nconsole.log(gone);\n", "b.js": "export const here = 1;\n"},
    ),
    Case(
        "vite",
        "vite",
        "vite build",
        {
            "package.json": "{}\n",
            "index.html": '<script type="module" src="/a.js"></script>\n',
            "a.js": "import { gone } from './b.js';\nconsole.log(gone, ;\n",
            "b.js": "export const here = 1;\n",
        },
    ),
    Case("htmlhint", "htmlhint", "htmlhint a.html", {"a.html": "<div>\n<img src='x'>\n</span>\n"}),
    Case("jshint", "jshint", "jshint a.js", {"a.js": "var x = 1\nif (x = 2) { y() }\n"}),
    Case("cspell", "cspell", "cspell --no-progress README.md", {"README.md": "We recieve helo things.\n"}),
    Case(
        "csslint",
        "csslint",
        "csslint --format=compact a.css",
        {"a.css": "a { color: red; color: blue }\n#x { width: 100px }\n"},
    ),
    Case("coffeelint", "coffeelint", "coffeelint a.coffee", {"a.coffee": "x = 1;\ny  = 2 \n"}),
    Case(
        "solhint",
        "solhint",
        "solhint -q a.sol",
        {
            ".solhint.json": '{"extends": "solhint:recommended"}\n',
            "a.sol": "pragma solidity ^0.4.0;\ncontract a { function F() { throw; } }\n",
        },
    ),
    Case(
        "remark",
        "remark",
        "remark --frail -u remark-preset-lint-recommended README.md -o /dev/null",
        {"README.md": "* a\n\n\n# T\n\nhttp://x.y\n"},
    ),
    Case("textlint", "textlint", "textlint --rule no-todo README.md", {"README.md": "TODO: write\n"}),
    Case(
        "spectral",
        "spectral",
        "spectral lint -r r.yml a.yml",
        {"r.yml": "extends: ['spectral:oas']\n", "a.yml": "openapi: 3.0.0\ninfo:\n  title: x\npaths: {}\n"},
    ),
    Case(
        "flow", "flow", "flow check", {".flowconfig": "[options]\n", "a.js": '/* @flow */\nconst n: number = "one";\n'}
    ),
    Case(
        "buf",
        "buf",
        "buf lint",
        {"buf.yaml": "version: v2\n", "a.proto": 'syntax = "proto3";\nmessage foo { string barBaz = 1; }\n'},
    ),
)
