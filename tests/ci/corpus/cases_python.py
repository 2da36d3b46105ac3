"""Small broken projects: Python."""

# ruff: noqa: E501 (files as they are written)

from tests.ci.corpus.case import Case

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
)
