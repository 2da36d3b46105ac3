"""unittest, Django's runner and nose: `FAIL: test_x (module.Class)`, a rule, a traceback."""

import re

from factory_ls.ci.frames import place, read_traceback
from factory_ls.ci.here import Here
from factory_ls.ci.rules import Family, Found, Rule, sample


def _failure(match: re.Match[str], here: Here) -> Found | None:
    for text, line in here.below(8):
        if "Traceback (most recent call last)" in text:
            inner = Here(line, text, here.peel, here.step, here.memory)
            read = read_traceback(inner)
            if read is None:
                return None
            here.claim(read.last)
            message = f"{read.name}: {read.message}" if read.message else read.name
            found = here.found(message, at=read.raised, code=read.name.rsplit(".", 1)[-1])
            where = match["where"]
            test = match["test"]
            found.test = where if where.endswith("." + test) else f"{where}.{test}"
            return place(found, read.frames, innermost_last=True)
    return None


def _checks(match: re.Match[str], here: Here) -> list[Found]:
    """Django's system checks: `app.Model.field: (fields.E130) message`, with no file."""
    found = []
    last = here.line
    for text, line in here.below(60):
        if told := re.match(r"\S+: \((?P<code>\w+\.E\d+)\) .*", text):
            found.append(here.found(text, at=line, code=told["code"]))
            last = line
        elif re.match(r"WARNINGS:|System check identified", text):
            break
    here.claim(last)
    return found or [here.found(match[0])]


FAMILY = Family(
    name="unittest",
    about="unittest, Django, nose, trial",
    names=("django", "nose"),
    rules=(
        # testtools and stestr
        Rule(("ERROR: ", "FAIL: "), r"(?:ERROR|FAIL): (?P<where>(?:\w+\.)+(?P<test>test\w*))(?: \(.*\))?$", _failure),
        Rule(("ERROR: ", "FAIL: "), r"(?:ERROR|FAIL): (?P<test>\S+) \((?P<where>[^)]+)\)", _failure),
        Rule(
            "UNEXPECTED SUCCESS: ",
            r"(?P<msg>UNEXPECTED SUCCESS: (?P<test>\S+) \([^)]+\))",
            lambda match, here: here.found(match["msg"], test=match["test"]),
        ),
        Rule("SystemCheckError: ", r"(?:.*\.)?SystemCheckError: .*", _checks, tool="django"),
    ),
    samples=(
        sample(
            """
..Internal Server Error: /api/cart/
Traceback (most recent call last):
  File "/home/runner/work/shop/shop/shop/views.py", line 12, in cart
    raise ValueError("expected by a test")
ValueError: expected by a test
.Not Found: /api/none/
E...
======================================================================
ERROR: test_checkout (shop.tests.test_views.CheckoutTests.test_checkout)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/home/runner/work/shop/shop/shop/views.py", line 31, in checkout
    cart.totl()
AttributeError: 'Cart' object has no attribute 'totl'

----------------------------------------------------------------------
Ran 41 tests in 2.312s

FAILED (errors=1)
""",
            "shop/views.py:31 error AttributeError",
            title="what Django logs right above",
        ),
        sample(
            """
======================================================================
FAIL: test_total (tests.test_cart.CartTest.test_total)
The total is the sum.
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/builds/shop/cart/tests/test_cart.py", line 14, in test_total
    self.assertEqual(cart.total(), 30)
    ~~~~~~~~~~~~~~~~^^^^^^^^^^^^^^^^^^
AssertionError: 20 != 30

----------------------------------------------------------------------
Ran 3 tests in 0.001s

FAILED (failures=1)
""",
            "tests/test_cart.py:14 error AssertionError",
        ),
        sample(
            """
ERROR: tests.test_api (unittest.loader._FailedTest)
----------------------------------------------------------------------
ImportError: Failed to import test module: tests.test_api
Traceback (most recent call last):
  File "/usr/lib/python3.11/unittest/loader.py", line 407, in _find_test_path
    module = self._get_module_from_name(name)
  File "/w/tests/test_api.py", line 3, in <module>
    import requests
ModuleNotFoundError: No module named 'requests'
""",
            "/w/tests/test_api.py:3 error ModuleNotFoundError",
            title="a test module that cannot be imported",
        ),
    ),
)
