"""BuildKit tells the end of a failed step's output a second time, between rules and under the step's name.

------
 > [build 5/5] RUN npm run build:
4.210 src/index.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.
------
"""

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, sample

_TIMED = re.compile(r"\d+\.\d+ ")


def _tail(_: re.Match[str], here: Here) -> list[Found] | None:
    """Skip what the lines above (`#15 4.210 …`) have told; where they were not printed, it is the only telling."""
    own: list[str] = []
    last = here.line
    for text, line in here.below(200):
        if text.startswith("------"):
            break
        own.append(_TIMED.sub("", text, count=1).strip())
        last = line
    first = next((text for text in own if len(text) > 8), "")
    if first and any(first in text for text, _ in here.above(2000)):
        here.claim(last)
    return []


FAMILY = Family(
    name="buildkit",
    about="the end of a failed step's output, told again",
    names=("docker buildx",),
    rules=(Rule(" > [", r" > \[.*\] .*:$", _tail),),
    samples=(
        sample(
            """
#15 [build 5/5] RUN npm run build
#15 4.210 src/index.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.
#15 ERROR: process "/bin/sh -c npm run build" did not complete successfully: exit code: 2
------
 > [build 5/5] RUN npm run build:
4.210 src/index.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.
------
""",
            "src/index.ts:3:7 error TS2322",
        ),
    ),
)
