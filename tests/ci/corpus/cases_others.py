"""Small broken projects: everything else."""

# ruff: noqa: E501 (files as they are written)

from tests.ci.corpus.case import Case

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

CASES = (
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
