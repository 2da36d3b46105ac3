"""Small broken projects: how Python's test runners tell of failures."""

# ruff: noqa: E501 (files as they are written)

from tests.ci.corpus.case import Case
from tests.ci.corpus.cases_python import PY, UNIT

PYTEST = "pytest -p no:cacheprovider -p no:asyncio"
STYLES = {
    "conftest.py": "",
    "shop/__init__.py": "",
    "shop/cart.py": "def total(prices):\n    return sum(prices)\n\n\ndef load(text):\n    try:\n        return int(text)\n    except ValueError as error:\n        raise RuntimeError('not a price') from error\n",
    "tests/test_cart.py": (
        "import logging\n\nimport pytest\n\nfrom shop.cart import load, total\n\n\ndef test_total():\n    print('lib/a.py:1: error: printed')\n    logging.getLogger('shop').error('lib/b.py:7: error: logged')\n    assert total([1, 2]) == 4\n\n\n"
        "def test_chained():\n    load('x')\n\n\nclass TestCart:\n    @pytest.fixture\n    def cart(self):\n        raise OSError('no database')\n\n    def test_uses(self, cart):\n        pass\n\n    @pytest.mark.parametrize('text', ['a b', 'c:d/e'])\n    def test_each(self, text):\n        assert text == 'x', f'no {text}'\n\n\n"
        "def test_raises():\n    with pytest.raises(ValueError):\n        total([1])\n\n\n@pytest.mark.xfail(strict=True)\ndef test_strict():\n    pass\n\n\ndef test_fails():\n    pytest.fail('on purpose')\n\n\ndef test_lines():\n    assert 'one\\ntwo\\nthree' == 'one\\n2\\nthree'\n"
    ),
}
TEARDOWN = {
    "test_down.py": "import pytest\n\n\n@pytest.fixture\ndef server():\n    yield 1\n    raise RuntimeError('still in use')\n\n\ndef test_serves(server):\n    assert server == 1\n\n\ndef test_missing(no_such_fixture):\n    pass\n",
}
COLLECT = {
    "conftest.py": "",
    "tests/test_syntax.py": "def test_x(:\n    pass\n",
    "tests/test_name.py": "from shop import gone\n",
    "tests/test_mark.py": "import pytest\n\n\n@pytest.mark.parametrize('a,b', [(1, 2, 3)])\ndef test_m(a, b):\n    pass\n",
    "tests/test_raise.py": "raise RuntimeError('at import')\n",
    "shop/__init__.py": "",
}
GROUPED = {
    "test_group.py": "def test_group():\n    raise ExceptionGroup('several', [ValueError('one'), TypeError('two')])\n",
}
ASYNC = {
    "test_async.py": "import asyncio\n\nimport pytest\n\n\n@pytest.mark.asyncio\nasync def test_slow():\n    await asyncio.sleep(0)\n    assert 1 == 2\n",
}
DOCTEST = {
    "calc.py": 'def add(a, b):\n    """Add.\n\n    >>> add(1, 2)\n    4\n    >>> add(1, None)\n    5\n    """\n    return a + b\n\n\nif __name__ == "__main__":\n    import doctest\n\n    raise SystemExit(doctest.testmod()[0])\n',
}
DJANGO = {
    "manage.py": "import sys\nfrom django.conf import settings\nsettings.configure(INSTALLED_APPS=['shop'], DATABASES={})\nfrom django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n",
    "shop/__init__.py": "",
    "shop/tests.py": "from django.test import SimpleTestCase\n\n\nclass CartTest(SimpleTestCase):\n    def test_adds(self):\n        self.assertEqual(1 + 1, 3)\n\n    def test_each(self):\n        for n in range(3):\n            with self.subTest(n=n):\n                self.assertNotEqual(n, 1)\n",
    "shop/test_gone.py": "from shop import gone\n",
}
UNIT_MORE = {
    "shop.py": "def total(prices):\n    return sum(prices)\n",
    "test_shop.py": (
        "import unittest\n\nfrom shop import total\n\n\ndef setUpModule():\n    pass\n\n\nclass ShopTest(unittest.TestCase):\n    def test_sub(self):\n        for n in (1, 2):\n            with self.subTest(n=n):\n                self.assertEqual(n, 1)\n\n    @unittest.expectedFailure\n    def test_expected(self):\n        self.assertEqual(1, 1)\n\n    def test_long(self):\n        '''Sums what there is.'''\n        self.assertEqual({'a': [1, 2]}, {'a': [1, 3]})\n\n\nclass Broken(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls):\n        raise OSError('no server')\n\n    def test_never(self):\n        pass\n"
    ),
    "test_gone.py": "import no_such_module\n",
}
TOX = {
    "tox.ini": "[tox]\nenvlist = a\nskipsdist = true\n\n[testenv]\nskip_install = true\nallowlist_externals = *\ncommands =\n    pytest -p no:cacheprovider -q\n",
    **{name: text for name, text in STYLES.items() if name != "tests/test_cart.py"},
    "tests/test_small.py": "from shop.cart import total\n\n\ndef test_total():\n    assert total([1]) == 2\n",
    "noxfile.py": "import nox\n\n\n@nox.session(python=False)\ndef tests(session):\n    session.run('pytest', '-p', 'no:cacheprovider', '-q', external=True)\n",
}
TRACEBACKS = {
    "chain.py": "from lib import load\n\n\ndef main():\n    try:\n        load('{')\n    except ValueError:\n        raise KeyError('config')\n\n\nmain()\n",
    "lib.py": "import json\n\n\ndef load(text):\n    return json.loads(text)\n",
    "group.py": "import asyncio\n\n\nasync def work(n):\n    if n:\n        raise ValueError(f'no {n}')\n\n\nasync def main():\n    async with asyncio.TaskGroup() as group:\n        for n in range(3):\n            group.create_task(work(n))\n\n\nasyncio.run(main())\n",
    "notes.py": "def f():\n    error = ValueError('no')\n    error.add_note('see the manual')\n    raise error\n\n\nf()\n",
    "deep.py": "def f(n):\n    return f(n - 1)\n\n\nf(5)\n",
    "thread.py": "import threading\n\n\ndef work():\n    raise OSError('gone')\n\n\nt = threading.Thread(target=work)\nt.start()\nt.join()\n",
    "check.py": "import subprocess\nimport sys\n\nsubprocess.run([sys.executable, '-c', 'raise SystemExit(3)'], check=True)\n",
    "quiet.py": "import sys\n\nsys.exit('config.toml: no such option: x')\n",
    "indent.py": "def f():\n    if True:\n  return 1\n",
    "warns.py": "import warnings\n\nwarnings.warn('old', DeprecationWarning, stacklevel=1)\n",
}

CASES = (
    Case("pytest-all", "pytest", f"{PYTEST} -p no:xdist", STYLES),
    Case("pytest-all-short", "pytest", f"{PYTEST} --tb=short -rA -q", STYLES),
    Case("pytest-all-native", "pytest", f"{PYTEST} --tb=native -q -k 'total or chained'", STYLES),
    Case("pytest-all-line", "pytest", f"{PYTEST} --tb=line -q", STYLES),
    Case("pytest-verbose", "pytest", f"{PYTEST} -vv --tb=auto", STYLES),
    Case("pytest-locals", "pytest", f"{PYTEST} -l --tb=long -k 'total or each'", STYLES),
    Case("pytest-no-summary", "pytest", f"{PYTEST} --no-summary -v", STYLES),
    Case("pytest-first", "pytest", f"{PYTEST} -x", STYLES),
    Case(
        "pytest-cov", "pytest", f"{PYTEST} --cov=shop --cov-report=term-missing --cov-fail-under=100 -k nothing", STYLES
    ),
    Case("pytest-xdist-short", "pytest", f"{PYTEST} -n 2 --tb=short", STYLES),
    Case("pytest-teardown", "pytest", f"{PYTEST}", TEARDOWN),
    Case("pytest-collect", "pytest", f"{PYTEST} -v", COLLECT),
    Case("pytest-collect-short", "pytest", f"{PYTEST} --tb=short -q --continue-on-collection-errors", COLLECT),
    Case("pytest-group", "pytest", f"{PYTEST}", GROUPED),
    Case("pytest-async", "pytest", "pytest -p no:cacheprovider -W ignore", ASYNC),
    Case(
        "pytest-timeout",
        "pytest",
        f"{PYTEST} --timeout=0.5",
        {"test_t.py": "import time\n\n\ndef test_waits():\n    time.sleep(9)\n"},
    ),
    Case(
        "pytest-timeout-thread",
        "pytest",
        f"{PYTEST} --timeout=0.5 --timeout-method=thread",
        {"test_t.py": "import time\n\n\ndef test_waits():\n    time.sleep(9)\n"},
    ),
    Case("pytest-doctest", "pytest", f"{PYTEST} --doctest-modules", DOCTEST),
    Case("pytest-usage", "pytest", f"{PYTEST} tests/test_none.py", STYLES),
    Case("pytest-config", "pytest", f"{PYTEST}", {"pytest.ini": "[pytest]\naddopts = --no-such-option\n"}),
    Case(
        "pytest-werror",
        "pytest",
        f"{PYTEST} -W error",
        {
            "test_w.py": "import warnings\n\n\ndef test_w():\n    warnings.warn('old', DeprecationWarning, stacklevel=2)\n"
        },
    ),
    Case(
        "pytest-warnings",
        "pytest",
        f"{PYTEST}",
        {
            "test_w.py": "import warnings\n\n\ndef test_w():\n    warnings.warn('old', DeprecationWarning, stacklevel=1)\n\n\ndef test_f():\n    assert 0\n"
        },
    ),
    Case(
        "pytest-exit",
        "pytest",
        f"{PYTEST}",
        {
            "conftest.py": "import pytest\n\n\ndef pytest_configure():\n    raise RuntimeError('conftest is broken')\n",
            "test_a.py": "",
        },
    ),
    Case(
        "pytest-segfault",
        "pytest",
        f"{PYTEST}",
        {"test_s.py": "import ctypes\n\n\ndef test_s():\n    ctypes.string_at(0)\n"},
    ),
    Case(
        "pytest-hypothesis",
        "pytest",
        f"{PYTEST} -q",
        {
            "test_h.py": "from hypothesis import given, strategies as st\n\n\n@given(st.integers())\ndef test_small(n):\n    assert n < 100\n"
        },
    ),
    Case("tox", "tox", "tox -q --workdir /tmp/tox-corpus; rm -rf /tmp/tox-corpus", TOX),
    Case("nox", "nox", "nox --no-venv", TOX),
    Case("doctest-module", "python3", "python3 calc.py", DOCTEST),
    Case("unittest-more", "python3", "python3 -m unittest", UNIT_MORE),
    Case("unittest-buffer", "python3", "python3 -m unittest -b -f", UNIT),
    Case("django-more", "python3", "python3 manage.py test", DJANGO),
    Case(
        "django-check",
        "python3",
        "python3 manage.py check",
        {
            **DJANGO,
            "shop/models.py": "from django.db import models\n\n\nclass Item(models.Model):\n    price = models.DecimalField()\n",
        },
    ),
    Case("traceback-chain", "python3", "python3 chain.py", TRACEBACKS),
    Case("traceback-group", "python3", "python3 group.py", TRACEBACKS),
    Case("traceback-notes", "python3", "python3 notes.py", TRACEBACKS),
    Case("traceback-recursion", "python3", "python3 deep.py", TRACEBACKS),
    Case("traceback-thread", "python3", "python3 thread.py", TRACEBACKS),
    Case("traceback-subprocess", "python3", "python3 check.py", TRACEBACKS),
    Case("python-exit", "python3", "python3 quiet.py", TRACEBACKS),
    Case("python-indent", "python3", "python3 indent.py", TRACEBACKS),
    Case("python-compileall", "python3", "python3 -m compileall -q indent.py", TRACEBACKS),
    Case("python-warns", "python3", "python3 -W always warns.py", TRACEBACKS),
    Case("pytest-github", "pytest", f"GITHUB_ACTIONS=true {PYTEST}", {k: v for k, v in PY.items() if "gone" not in k}),
)
