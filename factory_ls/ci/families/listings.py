"""Formatters that only list the files they would change: `gofmt -l`, `prettier -l`, `terraform fmt -check`.

A line is a path and nothing else. The command tells what that means: the step's, or the one echoed above the list.
"""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.naming import tool_of
from factory_ls.ci.rules import Family, Found, Here, Rule, sample

_LISTING = re.compile(
    r"(?<![\w-])(?:"
    r"(?P<go>gofmt|goimports|gofumpt|gci|shfmt|opa fmt) (?:[^\n;|&)]*\s)?-?(?:-?l|-?-list|list|-[a-z]*l[a-z]*)(?![\w=])"
    r"|(?P<web>prettier) (?:[^\n;|&)]*\s)?(?:-l|--list-different)(?![\w-])"
    r"|(?P<hcl>terraform fmt|tofu fmt|terragrunt hcl ?fmt|packer fmt) [^\n;|&)]*-?-check(?![\w=]*false)"
    r"|(?P<rust>rustfmt|cargo fmt)(?: [^\n;|&)]*)? (?:-l|--list|--files-with-diff)(?![\w-])"
    r"|(?P<zig>zig fmt) [^\n;|&)]*--check"
    r"|(?P<other>nixpkgs-fmt|alejandra|fprettify|jsonnetfmt|cue fmt|buildifier|yapf|black|isort|docformatter|clang-format|addlicense|yamlfmt)(?: [^\n;|&)]*)? (?:--?check|-c|-l|--test|--list|-mode=check|--quiet|-q)(?![\w-])"
    r")"
)
_EXTENSION = r"(?:go|tf|tfvars|hcl|rs|[cm]?[jt]sx?|json5?|css|scss|less|vue|svelte|mdx?|ya?ml|html|zig|nix|pyi?|sh|bash|bzl|bazel|rego|cue|jsonnet|libsonnet|f90|cc?|cpp|hpp?|proto|graphql)"
_ECHOED = re.compile(r"\s*(?:>|\$|\+{1,3}|\[command\]|Run(?:ning)?:?)\s*(?P<command>\S.*)")
_ALONE = re.compile(r"(?P<path>(?:[A-Za-z]:[\\/]|/)?[\w@.+\\/-]*\.[A-Za-z]\w{0,9})$")


def _command(here: Here) -> tuple[str | None, bool]:
    """The nearest command printed above the list, else the step's; and whether it was printed."""
    for text, line in here.above(400):
        if _ALONE.match(text.rstrip()) or not text.strip():
            continue
        if line.level in ("command", "endgroup", "group"):
            break
        if echoed := _ECHOED.match(text):
            return echoed["command"], True
        if _LISTING.match(text):
            return text, True
        break
    return here.step.command, False


def _listed(match: re.Match[str], here: Here) -> Found | None:
    path = match["path"].strip()
    command, printed = _command(here)
    listing = _LISTING.search(command or "")
    if not listing or re.search(r"\.(?:log|txt|zip|gz|whl|jar)$", path):
        return None
    tool = next(text for text in listing.groupdict().values() if text)
    found = here.found("Not formatted: " + path, path, tool="rustfmt" if listing["rust"] else tool.replace(" fmt", ""))
    found.tool = found.tool or tool_of(path, None, "", here.step.command)
    found.gates = True
    # Far from its command a list is a failure only where the step failed, and nothing said more of it.
    found.fallback = not printed
    return found


_ITEM = re.compile(r"\s*(?:[-*•]\s+)?(?P<path>[^\s:]*[\w]\.[A-Za-z]\w{0,9})$")


def _headed(match: re.Match[str], here: Here) -> list[Found] | None:
    """`2 files are not formatted:` and the files below it."""
    found: list[Found] = []
    for text, line in here.below(2000):
        if listed := _ITEM.match(text):
            one = here.found(match["msg"], listed["path"], at=line, last=line)
            one.tool, one.gates = tool_of(one.path, None, match["msg"], here.step.command), True
            found.append(one)
            here.claim(line)
        elif text.strip() or found:
            break
    return found or None


def _told(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match, message=match[0].strip())
    if found:
        found.tool, found.gates = tool_of(found.path, None, found.message, here.step.command), True
    return found


_NAMED = r"[\"'`]?(?P<path>(?:[A-Za-z]:)?[^\s:\"'`]+\.[A-Za-z]\w{0,9})[\"'`]?"

FAMILY = Family(
    name="listings",
    about="formatters that list files and nothing else",
    names=("gofmt", "prettier", "terraform fmt", "rustfmt", "shfmt", "goimports"),
    rules=(
        Rule(
            ("ormat", "heck failure"),
            r"(?P<msg>.*(?:(?:not|n't) (?:properly |been )?formatted|[Uu]nformatted|needs? (?:re)?formatting|check failure\(s\)).*):$",
            _headed,
            scan=r"(?:t (?:properly |been )?formatted|nformatted|eeds? (?:re)?formatting|heck failure\(s\))[^\n]*:(?m:$)",
        ),
        Rule(
            ("equires formatting: ", "ormatting needed: ", "ould sort ", "ould format ", "eordering imports in "),
            r"(?:Requires formatting: |Formatting needed: |[Ww]ould (?:sort|format) |Reordering imports in )"
            + _NAMED
            + r"$",
            _told,
        ),
        Rule(
            (" is not formatted", " is incorrectly sorted", "eeds formatting", "eeds reformatting", ": Rewriting..."),
            r"(?:(?:[Ee]rror|ERROR): )?(?:(?:Input )?[Ff]ile )?"
            + _NAMED
            + r":? (?:is (?:not formatted|incorrectly sorted)|[Nn]eeds (?:re)?formatting|Rewriting\.\.\.)\.?$",
            _told,
        ),
        Rule(
            ".",
            r"(?P<path>(?:[A-Za-z]:[\\/]|/)?[\w@.+\\/-]*\w\." + _EXTENSION + r")\s*$",
            _listed,
            scan=r"(?m:(?:^|Z )[A-Za-z0-9_@.+:/\\-]+\." + _EXTENSION + r"[ \t]*$)",
        ),
    ),
    samples=(sample("main.tf\nmodules/net/vars.tf\n", title="nothing tells what listed them"),),
)
