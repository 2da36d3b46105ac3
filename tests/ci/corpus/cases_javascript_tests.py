"""Small broken projects: how JavaScript's test runners tell of failures."""

# ruff: noqa: E501 (files as they are written)

from tests.ci.corpus.case import Case
from tests.ci.corpus.cases_javascript import JEST, MOCHA

JEST_MORE = {
    "package.json": '{"name": "shop", "private": true}\n',
    "src/cart.js": "module.exports.total = (prices) => prices.reduce((a, b) => a + b);\nmodule.exports.load = async (x) => {\n  throw new TypeError('no ' + x);\n};\n",
    "src/cart.test.js": (
        "const { total, load } = require('./cart');\n\ndescribe('cart', () => {\n  describe('deep', () => {\n    test.each([1, 2])('each %i', (n) => {\n      expect(n).toBe(1);\n    });\n  });\n\n"
        "  test('rejects', async () => {\n    await load('x');\n  });\n\n  test('snapshot', () => {\n    expect({ a: 1, b: [1, 2] }).toMatchSnapshot();\n  });\n\n  test('inline', () => {\n    expect('a').toMatchInlineSnapshot(`\"b\"`);\n  });\n\n"
        "  test('object', () => {\n    expect({ a: 1, b: { c: 2 } }).toEqual({ a: 1, b: { c: 3 } });\n  });\n\n  test('slow', (done) => {}, 50);\n\n  test('called', () => {\n    const f = jest.fn();\n    f(1);\n    expect(f).toHaveBeenCalledWith(2);\n  });\n\n  test.todo('later');\n  test('fine', () => {\n    console.log('src/x.js:1:1: error: printed');\n  });\n});\n"
    ),
    "src/__snapshots__/cart.test.js.snap": '// Jest Snapshot v1, https://jestjs.io/docs/snapshot-testing\n\nexports[`cart snapshot 1`] = `\n{\n  "a": 2,\n}\n`;\n\nexports[`gone 1`] = `1`;\n',
    "src/hook.test.js": "beforeAll(() => {\n  throw new Error('no server');\n});\n\ntest('never', () => {});\n",
    "src/gone.test.js": "require('./nowhere');\n\ntest('x', () => {});\n",
    "src/empty.test.js": "",
    "src/throws.test.js": "throw new Error('at load');\n",
}
TS_JEST = {
    "package.json": '{"name": "shop", "jest": {"preset": "ts-jest"}}\n',
    "tsconfig.json": '{"compilerOptions": {"strict": true, "module": "commonjs", "target": "es2020", "types": []}}\n',
    "a.test.ts": "declare const test: any;\nconst n: number = 'one';\ntest('x', () => {});\n",
}
VITEST = {
    "package.json": '{"type": "module"}\n',
    "src/cart.ts": "export const total = (p: number[]) => p.reduce((a, b) => a + b);\nexport async function load(x: string) {\n  throw new TypeError('no ' + x);\n}\n",
    "src/cart.test.ts": (
        "import { test, expect, describe, it } from 'vitest';\nimport { total, load } from './cart';\n\ndescribe('cart', () => {\n  describe('deep', () => {\n    it.each([1, 2])('each %i', (n) => {\n      expect(n).toBe(1);\n    });\n  });\n"
        "  test('rejects', async () => {\n    await load('x');\n  });\n  test('object', () => {\n    expect({ a: 1, b: { c: 2 } }).toEqual({ a: 1, b: { c: 3 } });\n  });\n  test('inline', () => {\n    expect('a').toMatchInlineSnapshot(`\"b\"`);\n  });\n  test('slow', async () => {\n    await new Promise(() => {});\n  }, 50);\n"
        "  test('inside', () => {\n    total(null as any);\n  });\n  test('fine', () => {\n    console.error(new Error('only printed'));\n  });\n});\n"
    ),
    "src/hook.test.ts": "import { beforeAll, test } from 'vitest';\n\nbeforeAll(() => {\n  throw new Error('no server');\n});\n\ntest('never', () => {});\n",
    "src/syntax.test.ts": "const x = ;\n",
    "src/empty.test.ts": "export {};\n",
    "src/unhandled.test.ts": "import { test } from 'vitest';\n\ntest('leaves', () => {\n  Promise.reject(new Error('left behind'));\n});\n",
}
VITEST_TYPES = {
    "package.json": '{"type": "module"}\n',
    "tsconfig.json": '{"compilerOptions": {"strict": true, "module": "esnext", "moduleResolution": "bundler", "skipLibCheck": true, "noEmit": true}}\n',
    "a.test-d.ts": "import { expectTypeOf, test } from 'vitest';\n\ntest('types', () => {\n  expectTypeOf(1).toBeString();\n});\n",
}
MOCHA_MORE = {
    "package.json": '{"name": "shop", "private": true}\n',
    "test/cart.js": (
        "const assert = require('assert');\nasync function load() {\n  throw new TypeError('no');\n}\ndescribe('cart', function () {\n  before(function () {\n    this.x = 1;\n  });\n  describe('deep', function () {\n    it('deep equals', function () {\n      assert.deepStrictEqual({ a: [1] }, { a: [2] });\n    });\n  });\n"
        "  it('rejects', async function () {\n    await load();\n  });\n  it('slow', function (done) {\n    this.timeout(20);\n  });\n  it('string', function () {\n    throw 'a string';\n  });\n  it('twice', function (done) {\n    done();\n    done();\n  });\n});\n"
        "describe('hooked', function () {\n  beforeEach(function () {\n    throw new Error('no database');\n  });\n  it('never', function () {});\n});\n"
    ),
}
NODE_TESTS = {
    "package.json": '{"type": "module"}\n',
    "cart.test.js": (
        "import { test, describe, it, before } from 'node:test';\nimport assert from 'node:assert';\nimport { load } from './cart.js';\n\ndescribe('cart', () => {\n  it('deep', () => {\n    assert.deepStrictEqual({ a: [1] }, { a: [2] });\n  });\n  it('rejects', async () => {\n    await load();\n  });\n  it('fine', () => {});\n  it('todo', { todo: true }, () => {\n    assert.ok(false);\n  });\n});\n"
        "describe('hooked', () => {\n  before(() => {\n    throw new Error('no server');\n  });\n  it('never', () => {});\n});\ntest('slow', { timeout: 20 }, async () => {\n  await new Promise((r) => setTimeout(r, 200));\n});\n"
    ),
    "cart.js": "export async function load() {\n  throw new TypeError('no');\n}\n",
    "bad.test.js": "const x = ;\n",
}
PLAYWRIGHT = {
    "package.json": '{"name": "shop", "private": true}\n',
    "playwright.config.js": "module.exports = { testDir: 'tests', retries: 1, projects: [{ name: 'one' }] };\n",
    "tests/cart.spec.js": (
        "const { test, expect } = require('@playwright/test');\n\ntest.describe('cart', () => {\n  test('adds', () => {\n    expect(1 + 1).toBe(3);\n  });\n\n  test('steps', async () => {\n    await test.step('first', async () => {\n      throw new Error('in a step');\n    });\n  });\n\n"
        "  test('flaky', ({}, info) => {\n    expect(info.retry).toBe(1);\n  });\n\n  test('slow', async () => {\n    test.setTimeout(100);\n    await new Promise(() => {});\n  });\n\n  test('fine', () => {});\n});\n"
    ),
}
BUN = {
    "package.json": "{}\n",
    "cart.ts": "export const total = (p: number[]) => p.reduce((a, b) => a + b);\n",
    "cart.test.ts": "import { test, expect, describe } from 'bun:test';\nimport { total } from './cart';\n\ndescribe('cart', () => {\n  test('adds', () => {\n    expect(total([1, 2])).toBe(4);\n  });\n  test('inside', () => {\n    total(null as any);\n  });\n  test('slow', async () => {\n    await new Promise(() => {});\n  }, 50);\n  test('fine', () => {\n    console.log('ok');\n  });\n});\n",
    "gone.test.ts": "import './nowhere';\n",
    "bad.test.ts": "const x = ;\n",
}
DENO = {
    "cart_test.ts": "Deno.test('adds', () => {\n  if (1 + 1 !== 3) {\n    throw new Error('not three');\n  }\n});\n\nDeno.test('cart', async (t) => {\n  await t.step('deep', () => {\n    const x: any = null;\n    x.y();\n  });\n});\n\nDeno.test('leaks', () => {\n  setTimeout(() => {}, 5000);\n});\n",
    "type_test.ts": "const n: number = 'one';\nDeno.test('x', () => {});\n",
}
CUCUMBER = {
    "package.json": "{}\n",
    "features/a.feature": "Feature: cart\n  Scenario: adds\n    Given a cart\n    Then it has 3\n    And something undefined\n",
    "features/steps.js": "const { Given, Then } = require('@cucumber/cucumber');\nconst assert = require('assert');\nGiven('a cart', function () {\n  this.n = 2;\n});\nThen('it has 3', function () {\n  assert.strictEqual(this.n, 3);\n});\n",
}

CASES = (
    Case("jest-more", "jest", "jest --ci --runInBand", JEST_MORE, modules=True),
    Case("jest-verbose", "jest", "jest --ci --verbose --runInBand src/cart.test.js", JEST_MORE, modules=True),
    Case(
        "jest-coverage",
        "jest",
        "jest --ci --coverage --runInBand",
        {k: v for k, v in JEST.items() if "broken" not in k},
        modules=True,
    ),
    Case(
        "jest-silent",
        "jest",
        "jest --ci --silent --runInBand --noStackTrace src/cart.test.js src/hook.test.js",
        JEST_MORE,
        modules=True,
    ),
    Case("jest-none", "jest", "jest --ci", {"package.json": '{"name": "shop"}\n', "a.js": ""}, modules=True),
    Case("ts-jest", "jest", "jest --ci", TS_JEST, modules=True),
    Case("vitest-more", "vitest", "vitest run --no-cache", VITEST, modules=True),
    Case("vitest-verbose", "vitest", "vitest run --no-cache --reporter=verbose src/cart.test.ts", VITEST, modules=True),
    Case(
        "vitest-dot",
        "vitest",
        "vitest run --no-cache --reporter=dot src/cart.test.ts src/hook.test.ts",
        VITEST,
        modules=True,
    ),
    Case("vitest-tap", "vitest", "vitest run --no-cache --reporter=tap src/cart.test.ts", VITEST, modules=True),
    Case(
        "vitest-tap-flat", "vitest", "vitest run --no-cache --reporter=tap-flat src/cart.test.ts", VITEST, modules=True
    ),
    Case("vitest-junit", "vitest", "vitest run --no-cache --reporter=junit src/cart.test.ts", VITEST, modules=True),
    Case("vitest-github", "vitest", "GITHUB_ACTIONS=true vitest run --no-cache src/cart.test.ts", VITEST, modules=True),
    Case("vitest-typecheck", "vitest", "vitest run --no-cache --typecheck.only", VITEST_TYPES, modules=True),
    Case(
        "vitest-projects",
        "vitest",
        "vitest run --no-cache",
        VITEST
        | {
            "vitest.config.js": "export default { test: { projects: [{ test: { name: 'unit', include: ['src/cart.test.ts'] } }, { test: { name: 'hooks', include: ['src/hook.test.ts'] } }] } };\n"
        },
        modules=True,
    ),
    Case("mocha-more", "mocha", "mocha", MOCHA_MORE),
    Case("mocha-dot", "mocha", "mocha -R dot", MOCHA_MORE),
    Case("mocha-min", "mocha", "mocha -R min", MOCHA_MORE),
    Case("mocha-list", "mocha", "mocha -R list", MOCHA_MORE),
    Case("mocha-json", "mocha", "mocha -R json", MOCHA),
    Case("mocha-xunit", "mocha", "mocha -R xunit", MOCHA),
    Case("mocha-tap-more", "mocha", "mocha -R tap", MOCHA_MORE),
    Case("mocha-load", "mocha", "mocha", {"test/a.js": "require('./nowhere');\n"}),
    Case("mocha-syntax", "mocha", "mocha", {"test/a.mjs": "const x = ;\n"}),
    Case("node-tests-spec", "node", "node --test --test-reporter=spec", NODE_TESTS),
    Case("node-tests-tap", "node", "node --test --test-reporter=tap", NODE_TESTS),
    Case("node-tests-dot", "node", "node --test --test-reporter=dot", NODE_TESTS),
    Case("node-tests-junit", "node", "node --test --test-reporter=junit", NODE_TESTS),
    Case(
        "ava-more",
        "ava",
        "ava",
        {
            "package.json": '{"type": "module"}\n',
            "test.js": "import test from 'ava';\nimport { load } from './lib.js';\n\ntest('adds', t => {\n\tt.deepEqual({ a: 1 }, { a: 2 });\n});\n\ntest('rejects', async t => {\n\tawait load();\n});\n\ntest('none', t => {});\n\ntest('fine', t => {\n\tt.pass();\n});\n",
            "lib.js": "export async function load() {\n\tthrow new TypeError('no');\n}\n",
        },
        modules=True,
    ),
    Case(
        "ava-tap",
        "ava",
        "ava --tap",
        {
            "package.json": '{"type": "module"}\n',
            "test.js": "import test from 'ava';\n\ntest('adds', t => {\n\tt.is(1 + 1, 3);\n});\n",
        },
        modules=True,
    ),
    Case(
        "jasmine-more",
        "jasmine",
        "jasmine cart.spec.js",
        {
            "cart.spec.js": "describe('cart', () => {\n  beforeAll(() => {\n    throw new Error('no server');\n  });\n  it('adds', () => {\n    expect({ a: 1 }).toEqual({ a: 2 });\n    expect(1).toBe(2);\n  });\n  it('throws', () => {\n    null.f();\n  });\n  xit('pending', () => {});\n});\n"
        },
    ),
    Case(
        "tape-spec",
        "node",
        "node t.js | tap-spec",
        {
            "t.js": "const test = require('tape');\n\ntest('adds', (t) => {\n  t.equal(1 + 1, 3, 'sum');\n  t.deepEqual({ a: 1 }, { a: 2 });\n  t.end();\n});\n"
        },
    ),
    Case(
        "qunit",
        "qunit",
        "qunit t.js",
        {"t.js": "QUnit.module('cart');\nQUnit.test('adds', (assert) => {\n  assert.equal(1 + 1, 3, 'sum');\n});\n"},
    ),
    Case(
        "uvu",
        "uvu",
        "uvu . t.mjs",
        {
            "t.mjs": "import { test } from 'uvu';\nimport * as assert from 'uvu/assert';\n\ntest('adds', () => {\n  assert.is(1 + 1, 3);\n});\n\ntest.run();\n"
        },
        modules=True,
    ),
    *(
        Case(f"playwright-{name}", "playwright", f"playwright test --reporter={name}", PLAYWRIGHT, modules=True)
        for name in ("list", "line", "dot", "github", "junit")
    ),
    Case(
        "playwright-load",
        "playwright",
        "playwright test",
        {
            "package.json": "{}\n",
            "a.spec.js": "const { test } = require('@playwright/test');\nrequire('./nowhere');\ntest('x', () => {});\n",
            "b.spec.ts": "import { test } from '@playwright/test';\nconst x = ;\n",
        },
        modules=True,
    ),
    Case("bun-test-more", "bun", "bun test", BUN),
    Case(
        "bun-run",
        "bun",
        "bun run a.ts; bun build bad.test.ts; bun run gone",
        {**BUN, "a.ts": "import { total } from './cart';\ntotal(undefined as any);\n"},
    ),
    Case("deno-test-more", "deno", "NO_COLOR=1 deno test", DENO),
    Case("deno-test-run", "deno", "NO_COLOR=1 deno test --no-check", DENO),
    Case("deno-test-dot", "deno", "NO_COLOR=1 deno test --no-check --reporter=dot cart_test.ts", DENO),
    Case("deno-test-tap", "deno", "NO_COLOR=1 deno test --no-check --reporter=tap cart_test.ts", DENO),
    Case("deno-test-junit", "deno", "NO_COLOR=1 deno test --no-check --reporter=junit cart_test.ts", DENO),
    Case("cucumber-js", "cucumber-js", "cucumber-js", CUCUMBER, modules=True),
    Case(
        "node-rejection",
        "node",
        "node a.js",
        {"a.js": "async function load() {\n  throw new RangeError('no such page');\n}\n\nload();\n"},
    ),
    Case(
        "node-cause",
        "node",
        "node a.js",
        {
            "a.js": "function inner() {\n  throw new TypeError('inner');\n}\ntry {\n  inner();\n} catch (cause) {\n  throw new Error('outer', { cause });\n}\n"
        },
    ),
    Case(
        "node-missing",
        "node",
        "node a.js",
        {"a.js": "require('./lib');\n", "lib.js": "const x = require('no-such-package');\n"},
    ),
    Case("node-json", "node", "node a.js", {"a.js": "const data = require('./b.json');\n", "b.json": '{"a": 1,}\n'}),
    Case("node-string", "node", "node a.js", {"a.js": "function f() {\n  throw 'only text';\n}\nf();\n"}),
    Case(
        "node-warning",
        "node",
        "node a.js",
        {"a.js": "process.emitWarning('old', 'DeprecationWarning', 'DEP9');\nnew Buffer(1);\n"},
    ),
)
