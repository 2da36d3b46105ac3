"""Run real tools on small broken projects and keep what they print.

    python -m tests.ci.corpus.make [NAME …]

Writes `outputs/<name>.txt`; `expected.json` says what must be read from each, and `test_corpus.py` holds it. A tool that
is not on PATH is left out and said so. `install.sh DEST` installs them all from PyPI, npm and Debian and prints the
PATH to use. Nothing here runs in the usual tests: they read the kept outputs.
"""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
OUTPUTS = HERE / "outputs"


class Case(NamedTuple):
    """`files` are written to an empty folder; `command` is run there by sh, its output and errors kept together."""

    name: str
    program: str
    command: str
    files: dict[str, str]


PY = {
    "shop/__init__.py": "",
    "shop/cart.py": "import os\n\n\ndef total(prices: list[int]) -> str:\n    unused = 1\n    return sum(prices)\n\n\ndef names(x=[]):\n    return undefined_name\n",
    "tests/test_cart.py": (
        "import pytest\nfrom shop.cart import total\n\n\ndef test_total():\n    print('lib/a.py:1: error: printed')\n    assert total([1, 2]) == 4\n\n\n"
        "@pytest.fixture\ndef broken():\n    raise RuntimeError('no database')\n\n\ndef test_uses(broken):\n    pass\n\n\n"
        "@pytest.mark.parametrize('n', [1, 2])\ndef test_each(n):\n    assert n == 1, 'only one'\n\n\ndef test_deep():\n    total(None)\n"
    ),
    "tests/test_gone.py": "import shop.gone\n\n\ndef test_x():\n    pass\n",
    "conftest.py": "",
}
UNIT = {
    "shop.py": "def total(prices):\n    return sum(prices)\n",
    "test_shop.py": (
        "import unittest\nfrom shop import total\n\n\nclass ShopTest(unittest.TestCase):\n    def test_total(self):\n        self.assertEqual(total([1]), 2)\n\n"
        "    def test_error(self):\n        total(3)\n\n    def test_ok(self):\n        try:\n            total(3)\n        except TypeError:\n            import traceback\n            traceback.print_exc()\n"
    ),
}
# Where toolchains keep themselves.
PASSED = ("NODE_PATH", "RUSTUP_HOME", "CARGO_HOME", "JAVA_HOME")
# Cases whose tools look for packages beside the project.
NEEDS_MODULES = {"vitest", "ava", "tape", "webpack", "vite", "vue-tsc", "svelte-check", "textlint", "remark", "jest"}
C = {
    "main.c": '#include <stdio.h>\n#include "util.h"\n\nint main(void) {\n    int x = "text";\n    int unused;\n    puts(undeclared);\n    return gone(x)\n}\n',
    "util.h": "int gone(int);\n",
    "link.c": "int gone(int);\nint main(void) { return gone(1); }\n",
    "san.c": "#include <stdlib.h>\nint main(void) {\n    int *p = malloc(4);\n    free(p);\n    return *p;\n}\n",
}
CPP = {
    "a.cpp": "#include <vector>\n#include <string>\n#include <algorithm>\n\nstruct S { int v; };\n\nint main() {\n    std::vector<S> items;\n    std::sort(items.begin(), items.end());\n    std::string s = 5;\n    int unused = 0;\n    return missing;\n}\n",
}
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
GO = {
    "go.mod": "module example.com/acme/shop\n\ngo 1.19\n",
    "cart/cart.go": "package cart\n\nfunc Total(prices []int) int {\n\tsum := 0\n\tfor _, p := range prices {\n\t\tsum += p\n\t}\n\treturn sum\n}\n\nfunc Pick(p []int, i int) int {\n\treturn p[i]\n}\n",
    "cart/cart_test.go": (
        'package cart\n\nimport "testing"\n\nfunc TestTotal(t *testing.T) {\n\tt.Log("starting")\n\tif got := Total([]int{1, 2}); got != 4 {\n\t\tt.Errorf("got %d, want 4", got)\n\t}\n}\n\n'
        'func TestNames(t *testing.T) {\n\tt.Run("empty", func(t *testing.T) {\n\t\tt.Fatal("no names")\n\t})\n\tt.Run("ok", func(t *testing.T) {\n\t\tt.Log("fine")\n\t})\n}\n\nfunc TestFine(t *testing.T) {\n\tt.Log("nothing wrong")\n}\n'
    ),
    "cart/panic_test.go": 'package cart\n\nimport "testing"\n\nfunc TestZPanic(t *testing.T) {\n\tPick(nil, 3)\n}\n',
    "bad/bad.go": 'package bad\n\nimport "os"\n\nfunc F() int {\n\tx := 1\n\treturn "no"\n}\n',
    "vet/vet.go": 'package vet\n\nimport "fmt"\n\nfunc F() {\n\tfmt.Printf("%d\\n", "text")\n}\n',
}
RUST = {
    "Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n',
    "src/lib.rs": 'pub fn total(prices: &[i32]) -> i32 {\n    let unused = 1;\n    prices.iter().sum()\n}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn adds() {\n        assert_eq!(total(&[1, 2]), 4);\n    }\n\n    #[test]\n    #[should_panic]\n    fn panics() {\n        panic!("as it should");\n    }\n}\n',
}
RUST_BAD = RUST | {
    "src/lib.rs": 'pub fn total(prices: &[i32]) -> i32 {\n    let x: i32 = "one";\n    missing(prices)\n}\n'
}
RUBY = {
    "lib/cart.rb": "class Cart\n  def total\n    items.sum\n  end\nend\n",
    "spec/cart_spec.rb": 'require_relative "../lib/cart"\n\nRSpec.describe Cart do\n  it "adds" do\n    expect(1 + 1).to eq(3)\n  end\n\n  it "fails inside" do\n    Cart.new.total\n  end\nend\n',
    "test/cart_test.rb": 'require "minitest/autorun"\nrequire_relative "../lib/cart"\n\nclass CartTest < Minitest::Test\n  def test_adds\n    assert_equal 3, 1 + 1\n  end\n\n  def test_inside\n    Cart.new.total\n  end\nend\n',
    "run.rb": 'require_relative "lib/cart"\n\nputs Cart.new.total\n',
    "bad.rb": "def x\n  1 +\nend\n",
}
PHP = {
    "src/Cart.php": "<?php\nclass Cart {\n    public function total() {\n        return array_sum($this->missing());\n    }\n}\n",
    "tests/CartTest.php": "<?php\nuse PHPUnit\\Framework\\TestCase;\nrequire_once __DIR__ . '/../src/Cart.php';\n\nclass CartTest extends TestCase {\n    public function testAdds(): void {\n        $this->assertSame(3, 1 + 1);\n    }\n\n    public function testInside(): void {\n        (new Cart())->total();\n    }\n}\n",
    "bad.php": "<?php\nfunction f( {\n}\n",
    "run.php": "<?php\nfunction g(int $x) { return $x; }\ng('text');\n",
}
JAVA = {
    "src/Cart.java": "import java.util.List;\n\npublic class Cart {\n    int total(List<Integer> prices) {\n        String s = 5;\n        return missing(prices);\n    }\n}\n",
    "test/GoodTest.java": "import org.junit.Test;\nimport static org.junit.Assert.assertEquals;\n\npublic class GoodTest {\n    @Test\n    public void adds() {\n        assertEquals(3, 1 + 1);\n    }\n\n    @Test\n    public void breaks() {\n        Object o = null;\n        o.toString();\n    }\n}\n",
}
SH = {
    "deploy.sh": "#!/bin/bash\nname=$1\necho $name\nif [ $name == x ]; then\n  rm -rf $name/*\nfi\n",
    "bad.sh": "#!/bin/bash\nif true; then\n  echo hello\n",
    "cmd.sh": "echo start\nno_such_command --flag\n",
}
YAML = {
    "conf/app.yml": "a: 1\nb:   2\nc: [1, 2\n",
    ".yamllint": "extends: default\n",
    "conf/dup.yml": "---\na: 1\na: 2\n",
}
DOCS = {
    "docs/conf.py": "project = 'x'\n",
    "docs/index.rst": "Title\n==\n\n:ref:`nowhere`\n\n.. nosuch::\n\n   text\n",
}

CASES = (
    Case("pytest-long", "pytest", "pytest -p no:cacheprovider --color=yes", PY),
    Case("pytest-short", "pytest", "pytest -p no:cacheprovider --tb=short --ignore tests/test_gone.py", PY),
    Case("pytest-line", "pytest", "pytest -p no:cacheprovider --tb=line --ignore tests/test_gone.py", PY),
    Case("pytest-native", "pytest", "pytest -p no:cacheprovider --tb=native --ignore tests/test_gone.py", PY),
    Case("pytest-no", "pytest", "pytest -p no:cacheprovider --tb=no --ignore tests/test_gone.py", PY),
    Case("pytest-xdist", "pytest", "pytest -p no:cacheprovider -n 2 -v --ignore tests/test_gone.py", PY),
    Case("pytest-full-trace", "pytest", "pytest -p no:cacheprovider --full-trace -q tests/test_cart.py::test_uses", PY),
    Case(
        "pytest-conftest",
        "pytest",
        "pytest -p no:cacheprovider",
        {
            "conftest.py": "from lib import app\n",
            "lib.py": "import no_such_module\n",
            "test_a.py": "def test_a(): pass\n",
        },
    ),
    Case("unittest", "python3", "python3 -m unittest -v", UNIT),
    Case("nose2", "nose2", "nose2 -v", UNIT),
    Case(
        "python-traceback",
        "python3",
        "python3 run.py",
        {
            "run.py": "from lib import f\n\nf()\n",
            "lib.py": "import json\n\n\ndef f():\n    try:\n        json.loads('{')\n    except ValueError as e:\n        raise RuntimeError('cannot read') from e\n",
        },
    ),
    Case("python-syntax", "python3", "python3 bad.py", {"bad.py": "def f(:\n    pass\n"}),
    Case(
        "python-group",
        "python3",
        "python3 run.py",
        {
            "run.py": "import asyncio\n\n\nasync def work():\n    raise ValueError('no')\n\n\nasync def main():\n    async with asyncio.TaskGroup() as group:\n        group.create_task(work())\n\n\nasyncio.run(main())\n"
        },
    ),
    Case("mypy", "mypy", "mypy --strict --cache-dir=/dev/null shop", PY),
    Case("mypy-pretty", "mypy", "mypy --strict --pretty --show-column-numbers --cache-dir=/dev/null shop", PY),
    Case("pyright", "pyright", "pyright shop", PY),
    Case("ty", "ty", "ty check shop --color never", PY),
    Case("ruff-full", "ruff", "ruff check --no-cache --isolated shop", PY),
    Case("ruff-concise", "ruff", "ruff check --no-cache --isolated --output-format=concise shop", PY),
    Case("ruff-grouped", "ruff", "ruff check --no-cache --isolated --output-format=grouped shop", PY),
    Case("ruff-github", "ruff", "ruff check --no-cache --isolated --output-format=github shop", PY),
    Case(
        "ruff-format",
        "ruff",
        "ruff format --no-cache --isolated --check .",
        {"a.py": "x = {  'a':1 }\n", "b.py": "x = 1\n", "bad.py": "def f(:\n"},
    ),
    Case("flake8", "flake8", "flake8 shop", PY),
    Case("pylint", "pylint", "pylint shop", PY),
    Case("pycodestyle", "pycodestyle", "pycodestyle a.py", {"a.py": "x=1\ny = [1,2]\n"}),
    Case("pyflakes", "pyflakes", "pyflakes shop", PY),
    Case("pydocstyle", "pydocstyle", "pydocstyle a.py", {"a.py": "def f():\n    return 1\n"}),
    Case("black", "black", "black --check .", {"a.py": "x = {  'a':1 }\n", "bad.py": "def f(:\n"}),
    Case("isort", "isort", "isort --check-only .", {"a.py": "import sys\nimport os\n"}),
    Case("bandit", "bandit", "bandit -q -r .", {"a.py": "import subprocess\nsubprocess.call('ls', shell=True)\n"}),
    Case("codespell", "codespell", "codespell .", {"README.md": "This is teh file.\nIt recieves things.\n"}),
    Case("vulture", "vulture", "vulture .", {"a.py": "import os\n\n\ndef unused():\n    pass\n"}),
    Case("doc8", "doc8", "doc8 docs", {"docs/a.rst": "Title\n=====\n\n" + "long " * 30 + "\n\ttab\n"}),
    Case(
        "deptry",
        "deptry",
        "deptry .",
        {
            "pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndependencies = ["click"]\n',
            "x.py": "import requests\n",
        },
    ),
    Case("refurb", "refurb", "refurb a.py", {"a.py": "with open('x') as f:\n    text = f.read()\n"}),
    Case("yamllint", "yamllint", "yamllint .", YAML),
    Case("yamllint-parsable", "yamllint", "yamllint -f parsable .", YAML),
    Case("yamllint-github", "yamllint", "yamllint -f github .", YAML),
    Case(
        "pre-commit-hooks",
        "check-yaml",
        "check-yaml conf/app.yml conf/dup.yml; check-json a.json; check-toml a.toml; check-merge-conflict --assume-in-merge c.txt; check-ast bad.py; debug-statement-hook d.py",
        YAML
        | {
            "a.json": "{\n  'a': 1\n}\n",
            "a.toml": "a = \n",
            "c.txt": "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\n",
            "bad.py": "def f(:\n",
            "d.py": "import pdb\npdb.set_trace()\n",
        },
    ),
    Case(
        "sqlfluff",
        "sqlfluff",
        "sqlfluff lint --dialect ansi models",
        {"models/a.sql": "SELECT a,b from t where  x = 1\n"},
    ),
    Case("djlint", "djlint", "djlint --quiet .", {"a.html": "<div>\n<img src='x'>\n<a href='x'>y\n</div>\n"}),
    Case("sphinx", "sphinx-build", "sphinx-build -n -q docs out", DOCS),
    Case(
        "mkdocs",
        "mkdocs",
        "mkdocs build --strict -q",
        {"mkdocs.yml": "site_name: x\n", "docs/index.md": "[gone](gone.md)\n"},
    ),
    Case("rstcheck", "rstcheck", "rstcheck docs/index.rst", DOCS),
    Case(
        "robot",
        "robot",
        "robot --output NONE --log NONE --report NONE t.robot",
        {"t.robot": "*** Test Cases ***\nAdds\n    Should Be Equal    1    2\n"},
    ),
    Case(
        "behave",
        "behave",
        "behave --no-color",
        {
            "features/a.feature": "Feature: cart\n  Scenario: adds\n    Given a cart\n    Then it has 3\n",
            "features/steps/s.py": "from behave import given, then\n\n\n@given('a cart')\ndef cart(context):\n    context.n = 2\n\n\n@then('it has 3')\ndef has(context):\n    assert context.n == 3, 'not three'\n",
        },
    ),
    Case(
        "django-test",
        "python3",
        "python3 manage.py test",
        {
            "manage.py": "import sys\nfrom django.conf import settings\nsettings.configure(INSTALLED_APPS=['shop'], DATABASES={})\nfrom django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n",
            "shop/__init__.py": "",
            "shop/tests.py": "from django.test import SimpleTestCase\n\n\nclass CartTest(SimpleTestCase):\n    def test_adds(self):\n        self.assertEqual(1 + 1, 3)\n",
        },
    ),
    Case("cpplint", "cpplint", "cpplint a.cpp", CPP),
    Case(
        "clang-format", "clang-format", "clang-format --dry-run --Werror a.cpp", {"a.cpp": "int  main( ){return 0;}\n"}
    ),
    Case(
        "clang-tidy",
        "clang-tidy",
        "clang-tidy --checks='-*,modernize-*,clang-analyzer-*' a.cpp --",
        {"a.cpp": "#include <cstddef>\nint f(int *p) {\n  if (p == NULL) return *p;\n  return 0;\n}\n"},
    ),
    Case("typos", "typos", "typos --color never", {"README.md": "This will recieve teh thing.\n"}),
    Case(
        "zizmor",
        "zizmor",
        "zizmor --offline --color never .github",
        {
            ".github/workflows/ci.yml": "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: echo ${{ github.event.pull_request.title }}\n"
        },
    ),
    Case(
        "cfn-lint",
        "cfn-lint",
        "cfn-lint a.yaml",
        {"a.yaml": "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      Nope: 1\n"},
    ),
    Case("shellcheck", "shellcheck", "shellcheck deploy.sh bad.sh", SH),
    Case("shellcheck-gcc", "shellcheck", "shellcheck -f gcc deploy.sh bad.sh", SH),
    Case("bash", "bash", "bash bad.sh; bash cmd.sh", SH),
    Case("dash", "dash", "dash ./bad.sh; dash ./cmd.sh", SH),
    Case(
        "hadolint",
        "hadolint",
        "hadolint --no-color Dockerfile",
        {"Dockerfile": "FROM debian\nRUN apt-get install curl\nRUN cd /tmp && echo $x\n"},
    ),
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
    Case("gcc", "gcc", "gcc -Wall -c main.c", C),
    Case("gcc-link", "gcc", "gcc link.c -o x", C),
    Case("gpp", "g++", "g++ -Wall -c a.cpp", CPP),
    Case("clang", "clang", "clang -Wall -c main.c", C),
    Case("clangpp", "clang++", "clang++ -Wall -c a.cpp", CPP),
    Case("asan", "gcc", "gcc -g -fsanitize=address san.c -o san && ./san", C),
    Case("valgrind", "valgrind", "gcc -g san.c -o san && valgrind ./san", C),
    Case("cppcheck", "cppcheck", "cppcheck --enable=all -q san.c", C),
    Case(
        "make",
        "make",
        "make",
        {"Makefile": "all: a.o\n\na.o: a.c\n\tgcc -c a.c\n", "a.c": "int main(void) { return x; }\n"},
    ),
    Case("make-syntax", "make", "make", {"Makefile": "all:\n    echo no tab\n"}),
    Case(
        "cmake",
        "cmake",
        "cmake -S . -B b",
        {
            "CMakeLists.txt": "cmake_minimum_required(VERSION 3.10)\nproject(x NONE)\nfind_package(Gone REQUIRED)\nno_such_command()\n"
        },
    ),
    Case(
        "ninja",
        "cmake",
        "cmake -S . -B b -G Ninja >/dev/null && cmake --build b",
        {"CMakeLists.txt": "cmake_minimum_required(VERSION 3.10)\nproject(x C)\nadd_executable(x main.c)\n", **C},
    ),
    Case(
        "gtest",
        "g++",
        "g++ t.cc -lgtest -lgtest_main -pthread -o t && ./t",
        {
            "t.cc": "#include <gtest/gtest.h>\nTEST(Cart, Adds) {\n  EXPECT_EQ(1 + 1, 3);\n}\nTEST(Cart, Fine) { SUCCEED(); }\n"
        },
    ),
    Case(
        "boost-test",
        "g++",
        "g++ t.cc -o t && ./t",
        {
            "t.cc": "#define BOOST_TEST_MODULE x\n#include <boost/test/included/unit_test.hpp>\nBOOST_AUTO_TEST_CASE(adds) {\n  BOOST_CHECK_EQUAL(1 + 1, 3);\n}\n"
        },
    ),
    Case(
        "doctest",
        "g++",
        "g++ t.cc -o t && ./t",
        {
            "t.cc": '#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN\n#include <doctest/doctest.h>\nTEST_CASE("adds") {\n  CHECK(1 + 1 == 3);\n}\n'
        },
    ),
    Case("go-build", "go", "go build ./...", GO),
    Case("go-vet", "go", "go vet ./vet", GO),
    Case("go-test", "go", "go test ./cart -run 'Total|Names|Fine'", GO),
    Case("go-test-v", "go", "go test -v ./cart -run 'Total|Names|Fine'", GO),
    Case("go-panic", "go", "go test ./cart -run Panic", GO),
    Case("cargo-build", "cargo", "cargo build --offline --color never", RUST_BAD),
    Case("cargo-short", "cargo", "cargo build --offline --message-format short", RUST_BAD),
    Case("cargo-test", "cargo", "cargo test --offline --color always", RUST),
    Case("rspec", "rspec", "rspec", RUBY),
    Case("minitest", "ruby", "ruby test/cart_test.rb", RUBY),
    Case("ruby", "ruby", "ruby run.rb; ruby bad.rb", RUBY),
    Case("rubocop", "rubocop", "rubocop --format progress lib", RUBY),
    Case("rubocop-emacs", "rubocop", "rubocop --format emacs lib", RUBY),
    Case("phpunit", "phpunit", "phpunit --do-not-cache-result tests", PHP),
    Case(
        "php", "php", "php -d display_errors=stderr bad.php; php -d display_errors=stderr run.php; php -l bad.php", PHP
    ),
    Case("phpcs", "phpcs", "phpcs --standard=PSR12 src", PHP),
    Case("phpcs-emacs", "phpcs", "phpcs --standard=PSR12 --report=emacs src", PHP),
    Case("javac", "javac", "javac -Xlint -d out src/Cart.java", JAVA),
    Case(
        "junit",
        "javac",
        "mkdir out && javac -cp /usr/share/java/junit4.jar:/usr/share/java/hamcrest-core.jar -d out test/GoodTest.java && java -cp out:/usr/share/java/junit4.jar:/usr/share/java/hamcrest-core.jar org.junit.runner.JUnitCore GoodTest",
        JAVA,
    ),
    Case(
        "java-uncaught",
        "java",
        "mkdir out && javac -d out Run.java && java -cp out Run",
        {
            "Run.java": "public class Run {\n    public static void main(String[] a) {\n        f(null);\n    }\n    static void f(String s) {\n        s.length();\n    }\n}\n"
        },
    ),
    Case("groovy", "groovyc", "groovyc a.groovy", {"a.groovy": "class A {\n  def f( {\n  }\n}\n"}),
    Case("scala", "scalac", "scalac a.scala", {"a.scala": 'object A {\n  val x: Int = "one"\n  def f = missing\n}\n'}),
    Case(
        "gfortran",
        "gfortran",
        "gfortran -Wall -c a.f90",
        {"a.f90": "program a\n  implicit none\n  integer :: i\n  x = 1\nend program\n"},
    ),
    Case(
        "gnat",
        "gnatmake",
        "gnatmake a.adb",
        {"a.adb": 'procedure A is\n   X : Integer := "one";\nbegin\n   Y := 1;\nend A;\n'},
    ),
    Case("gdc", "gdc", "gdc -c a.d", {"a.d": 'void main() {\n    int x = "one";\n    gone();\n}\n'}),
    Case("fpc", "fpc", "fpc a.pas", {"a.pas": "program a;\nvar x: integer;\nbegin\n  x := 'one';\n  y := 1;\nend.\n"}),
    Case("nim", "nim", "nim c --hints:off --nimcache:c a.nim", {"a.nim": 'var unused = 1\nlet x: int = "one"\n'}),
    Case("valac", "valac", "valac -C a.vala", {"a.vala": 'void main() {\n    int x = "one";\n    gone();\n}\n'}),
    Case("nasm", "nasm", "nasm -f elf64 a.asm", {"a.asm": "mov eax, gone\nfoo bar\n"}),
    Case("gas", "gcc", "gcc -c a.s", {"a.s": "main:\n  foo %eax\n"}),
    Case(
        "iverilog",
        "iverilog",
        "iverilog -o x a.v",
        {"a.v": "module a;\n  assign y = gone;\n  initial begin\n endmodule\n"},
    ),
    Case(
        "verilator",
        "verilator",
        "verilator --lint-only -Wall a.v",
        {"a.v": "module a(input [7:0] i, output [3:0] o);\n  assign o = i;\n  wire unused;\nendmodule\n"},
    ),
    Case(
        "ghdl",
        "ghdl",
        "ghdl -a a.vhd",
        {"a.vhd": "entity a is end;\narchitecture x of a is\nbegin\n  y <= gone;\nend;\n"},
    ),
    Case(
        "ocaml",
        "ocamlc",
        "ocamlc -w +a b.ml a.ml",
        {"b.ml": "let f x = let y = 1 in x\n", "a.ml": 'let x : int = "one"\n'},
    ),
    Case("ghc", "ghc", "ghc -Wall -fno-code A.hs", {"A.hs": 'module A where\n\nx :: Int\nx = "one"\n\ny = gone\n'}),
    Case("hlint", "hlint", "hlint A.hs", {"A.hs": "module A where\n\nf x = (g x)\n\nh xs = concat (map f xs)\n"}),
    Case("luac", "luac5.4", "luac5.4 -p a.lua", {"a.lua": "local x = 1\nif x then\n"}),
    Case("lua", "lua5.4", "lua5.4 a.lua", {"a.lua": "local function f()\n  gone()\nend\nf()\n"}),
    Case("luacheck", "luacheck", "luacheck --no-color a.lua", {"a.lua": "local x = 1\ngone()\n"}),
    Case(
        "perl",
        "perl",
        "perl -c bad.pl; perl run.pl",
        {
            "bad.pl": "use strict;\nmy $x = ;\n",
            "run.pl": "use strict;\nuse warnings;\nmy $y;\nprint $y . \"\\n\";\ndie 'no such thing';\n",
        },
    ),
    Case("prove", "prove", "prove t", {"t/a.t": "use Test::More tests => 2;\nok(1, 'fine');\nis(1 + 1, 3, 'adds');\n"}),
    Case(
        "exunit",
        "elixir",
        "elixir a_test.exs",
        {
            "a_test.exs": 'ExUnit.start(colors: [enabled: false])\n\ndefmodule CartTest do\n  use ExUnit.Case\n\n  test "adds" do\n    assert 1 + 1 == 3\n  end\nend\n'
        },
    ),
    Case("elixirc", "elixirc", "elixirc a.ex", {"a.ex": "defmodule A do\n  def f(x) do\n    gone(1)\n  end\nend\n"}),
    Case("erlc", "erlc", "erlc a.erl", {"a.erl": "-module(a).\n-export([f/0]).\nf() -> X = 1, gone().\n"}),
    Case("xmllint", "xmllint", "xmllint --noout a.xml", {"a.xml": "<a>\n  <b>\n</a>\n"}),
    Case("tidy", "tidy", "tidy -q -e -gnu-emacs yes a.html", {"a.html": "<p>x\n<img src=y>\n</b>\n"}),
    Case(
        "puppet-lint",
        "puppet-lint",
        "puppet-lint a.pp",
        {"a.pp": 'class a {\n  $x = "y"\n  file { "/a": ensure=>present }\n}\n'},
    ),
    Case(
        "bats",
        "bats",
        "bats a.bats",
        {"a.bats": '@test "adds" {\n  [ $((1 + 1)) -eq 3 ]\n}\n\n@test "fine" {\n  true\n}\n'},
    ),
    Case("rscript", "Rscript", "Rscript a.R", {"a.R": "f <- function(x) stop('no')\nf(1)\n"}),
    Case(
        "latex",
        "pdflatex",
        "pdflatex -interaction=nonstopmode a.tex; pdflatex -interaction=nonstopmode -file-line-error a.tex",
        {"a.tex": "\\documentclass{article}\n\\begin{document}\n\\foo\n\\end{document}\n"},
    ),
    Case("tcl", "tclsh", "tclsh a.tcl", {"a.tcl": "proc f {} {\n  gone\n}\nf\n"}),
)


def run(case: Case) -> str:
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
        # A fixed name, so that absolute paths in outputs do not change from run to run.
        work = Path(folder, "work")
        for name, text in case.files.items():
            path = work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "LANG": "C.UTF-8",
            "TMPDIR": folder,
        }
        environment |= {name: os.environ[name] for name in PASSED if name in os.environ}
        modules = os.environ.get("CORPUS_NODE_MODULES")
        if modules and case.name in NEEDS_MODULES:
            (work / "node_modules").symlink_to(modules)
        done = subprocess.run(
            ["sh", "-c", case.command],
            cwd=work,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=180,
            check=False,
        )
        return (
            done.stdout.decode("utf-8", "surrogateescape")
            .replace(str(work), "/home/runner/work/shop/shop")
            .replace(folder, "/tmp/home")
        )


def main(names: list[str]) -> int:
    OUTPUTS.mkdir(exist_ok=True)
    missing = []
    for case in CASES:
        if names and case.name not in names:
            continue
        if shutil.which(case.program) is None:
            missing.append(case.program)
            continue
        try:
            output = run(case)
        except subprocess.TimeoutExpired:
            print(f"{case.name}: took too long", file=sys.stderr)
            continue
        (OUTPUTS / f"{case.name}.txt").write_text(output, "utf-8", "surrogateescape")
        print(f"{case.name}: {output.count(chr(10))} lines")
    if missing:
        print(f"not installed: {', '.join(sorted(set(missing)))}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
