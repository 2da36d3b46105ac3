"""Small broken projects: Python's type checkers and linters, and the formats they print."""

# ruff: noqa: E501 (files as they are written)

from tests.ci.corpus.case import Case
from tests.ci.corpus.cases_python import PY

TYPED = {
    "shop/__init__.py": "",
    "shop/types.py": (
        "from typing import Protocol, overload\n\n\nclass Priced(Protocol):\n    def price(self) -> int: ...\n\n\nclass Cart:\n    def price(self, tax: int) -> str:\n        return 1\n\n\n@overload\ndef get(key: int) -> str: ...\n@overload\ndef get(key: str) -> int: ...\ndef get(key):\n    return key\n\n\n"
        "def use(item: Priced) -> None:\n    reveal_type(item)\n    get(None)\n\n\nuse(Cart())\nimport no_such_module\nimport requests\nx: int = 'a'  # type: ignore[attr-defined]\n"
    ),
}
BAD = {
    "a.py": "import os, sys\nfrom typing import *\ndef f( a,b = [] ):\n    x = 1\n    l = lambda: 0\n    if a == None :\n        print ('hello %s' % a)\n    try:\n        pass\n    except:\n        pass\n    return undefined\n\nclass c:\n    def m(self): return 1;\n",
    "bad.py": "def f(:\n    pass\n",
    "long.py": "x = '" + "a" * 130 + "'\nassert x\npassword = 'hunter2'\neval(x)\n",
    "nb.ipynb": '{"cells": [{"cell_type": "code", "execution_count": null, "id": "a", "metadata": {}, "outputs": [], "source": ["import os\\n", "x = 1"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n',
}
UGLY = {"a.py": "x = {  'a':1 }\n", "b.py": "import sys\nimport os\nprint( 'x' )\n", "ok.py": "x = 1\n"}

CASES = (
    Case("mypy-notes", "mypy", "mypy --cache-dir=/dev/null shop", TYPED),
    Case("mypy-columns", "mypy", "mypy --cache-dir=/dev/null --show-column-numbers --show-error-end shop", TYPED),
    Case(
        "mypy-context",
        "mypy",
        "mypy --cache-dir=/dev/null --show-error-context --strict --warn-unused-ignores shop",
        TYPED,
    ),
    Case("mypy-pretty-more", "mypy", "mypy --cache-dir=/dev/null --pretty shop", TYPED),
    Case("mypy-json", "mypy", "mypy --cache-dir=/dev/null --output json shop", TYPED),
    Case("mypy-absolute", "mypy", "mypy --cache-dir=/dev/null --show-absolute-path --hide-error-codes shop", TYPED),
    Case("mypy-syntax", "mypy", "mypy --cache-dir=/dev/null bad.py", BAD),
    Case("mypy-missing", "mypy", "mypy --cache-dir=/dev/null nowhere", BAD),
    Case("pyright-more", "pyright", "pyright shop", TYPED),
    Case("pyright-json", "pyright", "pyright --outputjson shop", TYPED),
    Case("basedpyright", "basedpyright", "basedpyright shop", TYPED),
    Case("basedpyright-github", "basedpyright", "GITHUB_ACTIONS=true basedpyright shop", TYPED),
    Case("ty-full", "ty", "ty check shop --color never --no-progress", TYPED),
    Case("ty-concise", "ty", "ty check shop --color never --output-format concise --no-progress", TYPED),
    Case("ty-gitlab", "ty", "ty check shop --color never --output-format gitlab --no-progress", TYPED),
    Case("ty-github", "ty", "ty check shop --color never --output-format github --no-progress", TYPED),
    Case("pyrefly", "pyrefly", "pyrefly check shop", TYPED),
    Case("pyrefly-min", "pyrefly", "pyrefly check --output-format min-text shop", TYPED),
    Case(
        "ruff-more",
        "ruff",
        "ruff check --no-cache --isolated --select ALL .",
        {k: v for k, v in BAD.items() if k != "a.py"},
    ),
    Case(
        "ruff-more-concise",
        "ruff",
        "ruff check --no-cache --isolated --preview --select E,F,B,S,N,UP --output-format concise .",
        BAD,
    ),
    Case("ruff-gitlab", "ruff", "ruff check --no-cache --isolated --output-format gitlab .", BAD),
    Case("ruff-json", "ruff", "ruff check --no-cache --isolated --output-format json .", {"a.py": BAD["a.py"]}),
    Case("ruff-json-lines", "ruff", "ruff check --no-cache --isolated --output-format json-lines .", BAD),
    Case("ruff-pylint", "ruff", "ruff check --no-cache --isolated --output-format pylint .", BAD),
    Case("ruff-azure", "ruff", "ruff check --no-cache --isolated --output-format azure .", BAD),
    Case("ruff-sarif", "ruff", "ruff check --no-cache --isolated --output-format sarif a.py", {"a.py": "import os\n"}),
    Case("ruff-junit", "ruff", "ruff check --no-cache --isolated --output-format junit .", BAD),
    Case(
        "ruff-rdjson", "ruff", "ruff check --no-cache --isolated --output-format rdjson a.py", {"a.py": "import os\n"}
    ),
    Case("ruff-fix-diff", "ruff", "ruff check --no-cache --isolated --diff .", BAD),
    Case(
        "ruff-show-fixes",
        "ruff",
        "ruff check --no-cache --isolated --fix --show-fixes --exit-non-zero-on-fix .",
        {"a.py": "import os\n"},
    ),
    Case("ruff-format-diff", "ruff", "ruff format --no-cache --isolated --diff .", UGLY),
    Case("flake8-pylint", "flake8", "flake8 --format=pylint a.py", BAD),
    Case("flake8-more", "flake8", "flake8 --show-source --statistics --count --max-complexity 1 .", BAD),
    Case("flake8-quiet", "flake8", "flake8 -q .", BAD),
    Case("pylint-text", "pylint", "pylint --disable=all --enable=E,W,C,R a.py bad.py", BAD),
    Case("pylint-colorized", "pylint", "pylint --output-format=colorized a.py", BAD),
    Case("pylint-parseable", "pylint", "pylint --output-format=parseable a.py bad.py", BAD),
    Case("pylint-msvs", "pylint", "pylint --output-format=msvs a.py", BAD),
    Case("pylint-json", "pylint", "pylint --output-format=json a.py", {"a.py": "import os\n"}),
    Case("pylint-json2", "pylint", "pylint --output-format=json2 a.py", {"a.py": "import os\n"}),
    Case("pylint-github", "pylint", "pylint --output-format=github a.py", BAD),
    Case("black-diff", "black", "black --check --diff .", UGLY),
    Case("black-plain", "black", "black .", {"a.py": UGLY["a.py"], "bad.py": BAD["bad.py"]}),
    Case("isort-diff", "isort", "isort --check-only --diff .", UGLY),
    Case("isort-plain", "isort", "isort .", UGLY),
    Case("yapf", "yapf", "yapf -d -r .", UGLY),
    Case("autopep8", "autopep8", "autopep8 --diff -r --exit-code .", UGLY),
    Case("autoflake", "autoflake", "autoflake --check --remove-all-unused-imports -r .", {"a.py": "import os\n"}),
    Case("docformatter", "docformatter", "docformatter --check -r .", {"a.py": 'def f():\n    """ doc   """\n'}),
    Case("bandit-more", "bandit", "bandit -r . -f txt", BAD),
    Case(
        "bandit-custom",
        "bandit",
        "bandit -q -r . -f custom --msg-template '{abspath}:{line}: {test_id}[{severity}]: {msg}'",
        BAD,
    ),
    Case(
        "pydoclint",
        "pydoclint",
        "pydoclint --style=google a.py",
        {"a.py": 'def f(a: int) -> int:\n    """Do.\n\n    Args:\n        b: what\n    """\n    return a\n'},
    ),
    Case("interrogate", "interrogate", "interrogate -vv --fail-under 100 .", {"a.py": "def f():\n    pass\n"}),
    Case("codespell-more", "codespell", "codespell -c .", {"README.md": "This is teh file.\nIt recieves fo things.\n"}),
    Case(
        "sphinx-more",
        "sphinx-build",
        "sphinx-build -W --keep-going -b html docs out",
        {
            "docs/conf.py": "project = 'x'\nextensions = ['sphinx.ext.autodoc']\n",
            "docs/index.rst": "Title\n==\n\n.. toctree::\n\n   gone\n\n.. automodule:: nowhere\n\n`broken\n",
            "docs/orphan.rst": "A\n=\n",
        },
    ),
    Case(
        "sphinx-conf", "sphinx-build", "sphinx-build docs out", {"docs/conf.py": "project = \n", "docs/index.rst": ""}
    ),
    Case(
        "mkdocs-more",
        "mkdocs",
        "mkdocs build --strict",
        {
            "mkdocs.yml": "site_name: x\nnav:\n  - index.md\n  - gone.md\n",
            "docs/index.md": "[gone](nowhere.md) [a](#no)\n",
            "docs/other.md": "x\n",
        },
    ),
    Case(
        "mkdocs-config",
        "mkdocs",
        "mkdocs build",
        {"mkdocs.yml": "site_name: x\ntheme: nowhere\n: bad\n", "docs/index.md": ""},
    ),
    Case("yamllint-colored", "yamllint", "yamllint -f colored .", {"a.yml": "a: 1\na: 2\nb:   [1,2]\n"}),
    Case(
        "import-linter",
        "lint-imports",
        "lint-imports --no-cache",
        {
            **PY,
            "shop/a.py": "from shop import cart\n",
            "setup.cfg": "[importlinter]\nroot_package = shop\n\n[importlinter:contract:1]\nname = a knows no cart\ntype = forbidden\nsource_modules = shop.a\nforbidden_modules = shop.cart\n",
        },
    ),
    Case(
        "validate-pyproject",
        "validate-pyproject",
        "validate-pyproject pyproject.toml",
        {"pyproject.toml": "[project]\nname = 'x'\nversion = 1\n"},
    ),
    Case(
        "pip-install",
        "pip",
        "pip install --disable-pip-version-check --no-index -r requirements.txt",
        {"requirements.txt": "no-such-package==1.0\n"},
    ),
    Case(
        "pip-syntax",
        "pip",
        "pip install --disable-pip-version-check --no-index -r requirements.txt",
        {"requirements.txt": "click==\n"},
    ),
    Case("python-build", "python3", "python3 -m build --no-isolation", {"pyproject.toml": "[project\nname = 'x'\n"}),
    Case(
        "setup-py",
        "python3",
        "python3 -m pip install --disable-pip-version-check --no-build-isolation --no-index .",
        {"setup.py": "from setuptools import setup\n\nraise RuntimeError('cannot build')\n"},
    ),
)
