"""Printed differences (`git diff --exit-code`, `ruff --fix --diff`, `gofmt -d`, pre-commit's `--show-diff-on-failure`).

What stands in a difference is source text, never output. A failed step that printed one and told of nothing else
failed because of it: then the file is the problem.
"""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.naming import tool_of
from factory_ls.ci.paths import plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, sample


def _hunk(match: re.Match[str], here: Here) -> list[Found]:
    """Skip the lines that the hunk's header counts."""
    old, new = int(match["old"] or 1), int(match["new"] or 1)
    last = here.line
    for text, line in here.below(min(old + new + 2, 4000)):
        if old <= 0 and new <= 0 and not text.startswith("\\"):
            break
        old -= not text.startswith("+")
        new -= not text.startswith("-")
        last = line
    here.claim(last)
    return _headed(here)


def _headed(here: Here) -> list[Found]:
    """ormolu and fourmolu: a path alone, then what they would change."""
    for text, line in here.above(1):
        if re.fullmatch(r"[^\s:]+\.\w+", text) and plausible(tidy(text)):
            found = here.found(f"Not formatted: {text}", text, at=line, last=line)
            found.tool = tool_of(found.path, None, "", here.step.command)
            found.gates = True
            return [found]
    return []


def _file(match: re.Match[str], here: Here) -> Found | list[Found]:
    path = match["path"].strip().split("\t")[0].removesuffix(".orig")
    if path == "/dev/null":
        return []
    found = here.found(
        "Differs from what is checked in, or from how it would be formatted", re.sub(r"^[ab]/", "", path)
    )
    last = here.line
    for text, line in here.below(4):
        if hunk := re.match(r"@@ -(?P<line>\d+)(?:,\d+)? \+\d+(?:,\d+)? @@", text):
            del hunk
            break
        if not re.match(r"index |--- |\+\+\+ |(?:old|new|deleted) (?:file )?mode|similarity |rename ", text):
            break
        last = line
    here.claim(last)
    found.tool = tool_of(found.path, None, "", here.step.command)
    found.fallback = here.memory.get("changed by hooks") is not here.step
    if not found.fallback:
        found.tool = "pre-commit"
        told = re.compile(rf"(?:Fixing|Rewriting|Sorting|[Rr]eformatted|Formatted) (?:\./)?{re.escape(found.path)}$")
        if any(told.match(text) for text, _ in here.above(2000)):
            return []
    return found


def _by_hooks(_: re.Match[str], here: Here) -> list[Found]:
    """pre-commit says before its differences that they are why it failed."""
    here.memory["changed by hooks"] = here.step
    return []


def _formatter(match: re.Match[str], here: Here) -> Found | list[Found]:
    """A formatter's own header says that the file is not as it would write it, in a failed step or not."""
    path = next(
        match[name] for name in ("orig", "isort", "yapf", "pep8", "docs", "clang", "shfmt", "tidied") if match[name]
    )
    tool = next((tool for name, tool in _FORMATTERS if match[name]), "")
    # What also tells of the file in words does it better.
    if any(
        re.match(r"(?:ERROR: |would reformat )\S*" + re.escape(path.rsplit("/", 1)[-1]), t) for t, _ in here.above(2)
    ):
        return []
    found = here.found(f"Not formatted: {path}", path, tool=tool or tool_of(path, None, "", here.step.command))
    for text, line in here.below(3):
        if text.startswith("@@ "):
            break
        here.claim(line)
    return found


_FORMATTERS = (
    ("isort", "isort"),
    ("yapf", "yapf"),
    ("pep8", "autopep8"),
    ("docs", "docformatter"),
    ("clang", "clang-format"),
    ("shfmt", "shfmt"),
    ("tidied", "go mod tidy"),
)

FAMILY = Family(
    name="diff",
    about="differences printed by a step that failed because of them",
    rules=(
        Rule("@@ -", r"@@ -\d+(?:,(?P<old>\d+))? \+\d+(?:,(?P<new>\d+))? @@", _hunk),
        Rule("All changes made by hooks:", r"All changes made by hooks:$", _by_hooks),
        Rule("diff --git ", r"diff --git a/(?P<path>.+) b/.+$", _file),
        Rule(
            ("diff ", "--- "),
            r"(?:diff (?:-u )?(?P<orig>\S+)\.orig \S+|diff current/(?P<tidied>go\.(?:mod|sum)) tidy/\S+|--- (?:original/(?P<pep8>\S+)|before/(?P<docs>\S+)|(?P<isort>\S.*?):before\t.*|(?P<yapf>\S.*?)\t\(original\)|(?P<clang>\S.*?)\t\(before formatting\)|(?P<shfmt>\S+\.(?:sh|bash|bats))\.orig(?:\t.*)?))$",
            _formatter,
            scan=r"(?m:\.orig [^ \n]+$)|diff current/go\.|--- original/|--- before/|:before\t|\t\(original\)|\t\(before formatting\)|--- [^ \n]+sh\.orig",
        ),
    ),
    samples=(
        sample(
            """
diff --git a/src/a.py b/src/a.py
index 1111111..2222222 100644
--- a/src/a.py
+++ b/src/a.py
@@ -1,3 +1,3 @@
 x = 1
-print("src/b.py:3: error: old")
+print("src/b.py:3:5: error: new")
 y = 2
""",
            title="nothing is known to have failed",
        ),
        sample(
            "--- original/./a.py\n+++ fixed/./a.py\n@@ -1 +1 @@\n-x = {  'a':1 }\n+x = {'a': 1}",
            "a.py error",
            title="autopep8",
        ),
        sample(
            "diff fmt/a.go.orig fmt/a.go\n--- fmt/a.go.orig\n+++ fmt/a.go\n@@ -1,2 +1,2 @@\n package fmt\n-func  F( ) {}\n+func F() {}",
            "fmt/a.go error",
            title="gofmt -d",
        ),
    ),
)
