"""What is wrong with a file as a whole: `a.proto: warning: unused import`, `Failed to render a.md`."""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re

from factory_ls.ci.families.alone import LOGGED, NOT_SOURCE
from factory_ls.ci.naming import tool_of
from factory_ls.ci.paths import external, tidy
from factory_ls.ci.places import find_place
from factory_ls.ci.rules import Family, Found, Here, Rule, sample

_USAGE = re.compile(
    r"unrecognized arguments|the following arguments|argument |too (?:few|many)|invalid choice|one of the|ambiguous option|expected (?:one|at least)"
)


def _file(match: re.Match[str], here: Here) -> Found | None:
    """`a.proto: warning: Import b.proto is unused.`: of the file as a whole."""
    path = tidy(match["path"])
    if NOT_SOURCE.search(path) or external(match["path"]) or _USAGE.match(match["msg"]):
        return None
    if re.match(r"(?:(?:ld|cc|python|node|npm)[.\d-]|.*\.(?:cmd|bat)$)", path) or find_place(match["msg"]):
        return None
    found = here.located(match)
    if found:
        found.tool = tool_of(found.path, None, found.message, here.step.command)
    return found


_KNOWN = re.compile(
    r"\.(?:rst|mdx?|adoc|tex|html?|css|s[ac]ss|less|ya?ml|json[5c]?|toml|xml|ini|cfg|[mc]?[jt]sx?|vue|svelte|astro|py|rb|php|njk|liquid|hbs|ejs|tera|j2|tpl|proto|graphql|sql|tf|hcl|svg|po|ipynb)$|(?:requirements|constraints)[\w-]*\.txt$"
)


_CANNOT = tuple(
    f"{refusal} {verb} "
    for refusal in ("ailed to", "ould not", "nable to", "annot", "ouldn't", "an't")
    for verb in ("parse", "process", "render", "load", "compile", "lint", "validate", "format", "convert", "decode")
)


def _whole(match: re.Match[str], here: Here) -> Found | None:
    """`ERROR Failed to render content of a.md`: of the file as a whole, where no line nearby tells more."""
    path = tidy(match["path"])
    if not _KNOWN.search(path) or NOT_SOURCE.search(path) or external(match["path"]) or LOGGED.match(here.text):
        return None
    if find_place(re.sub(r"\s{2,}\w+\.py:\d+$", "", here.text)) or any(
        find_place(text) or path in text for text, _ in here.below(3)
    ):
        return None
    if any(tidy(above.path) == path for text, _ in here.above(4) if (above := find_place(text))):
        return None
    found = here.located(match, tool="")
    if found and (at := re.search(r"\b[Ll]ine:? (\d+)(?:,? [Cc]ol(?:umn)?:? (\d+))?", match["msg"])):
        found.line, found.column = int(at[1]), int(at[2]) if at[2] else None
    if found:
        found.tool = tool_of(found.path, None, found.message, here.step.command)
    return found


_SOURCE_EXTENSION = r"(?:[cm]?[jt]sx?|vue|svelte|astro|json5?|less|[ch]|cc|cpp|cxx|hpp|f|f90|F90|rs|go|py|rb|php|java|kt|swift|proto|thrift|ya?ml|toml|tf|hcl|md|rst|adoc|tex|css|scss|vhdl?|svh?|pp|sol|hs|ml|nix|bzl|bb|spec|cs|dart|exs?|elm|lua|zig|jl|xml|xsd|html|graphql|sql|cfg|ini)"

FAMILY = Family(
    name="whole",
    about="what is wrong with a file as a whole",
    rules=(
        Rule(
            (
                ": error: ",
                ": warning: ",
                ": Error: ",
                ": Warning: ",
                ": fatal error: ",
                " Error: ",
                " error: ",
                ": Warning - ",
                ": Error - ",
            ),
            r"(?P<path>[^\s:\"'()\[\],]+\.[A-Za-z]\w{0,9}): (?P<sev>[Ee]rror|[Ww]arning|fatal error|(?:Validation|Parse|Parsing|Syntax|Schema|Format|Compilation) [Ee]rror)(?::| -) (?P<msg>.+)",
            _file,
        ),
        Rule(
            ("rror: ", "RROR: ", "arning: ", "ARNING: "),
            r"(?:[\w.+-]{1,40}: )?(?P<sev>[Ee]rror|ERROR|[Ww]arning|WARNING): (?P<path>(?:[A-Za-z]:)?[^\s:\"'()\[\],]+\."
            + _SOURCE_EXTENSION
            + r"): (?!lines? \d)(?P<msg>[A-Za-z\"'`].* .*)",
            _file,
            scan=r"(?:[Ee]rror|ERROR|[Ww]arning|WARNING): [A-Za-z0-9_./\\:-]+\." + _SOURCE_EXTENSION + ": ",
        ),
        Rule(" has incorrect formatting", r"(?P<path>\S+\.\w+) (?P<msg>has incorrect formatting)$", tool="cljfmt"),
        Rule(
            _CANNOT,
            r"(?:[^|\[\]@]{0,80}?\[?\b(?:ERROR|Error|error|FATAL|fatal|CRITICAL)\b[\])]?:?\s+|\s*[×✖✘]\s+)?(?P<msg>(?:[Ff]ailed to|[Cc]ould not|[Uu]nable to|[Cc]annot|[Cc]ouldn't|[Cc]an't) (?:parse|process|render|load|compile|lint|validate|format|convert|decode) (?:[a-z]+ ){0,4}[\"'`]?(?P<path>(?:[A-Za-z]:)?[^\s:\"'`()]+\.\w+)[\"'`]?(?:: .*| at position \d+|\s+\S+:\d+)?)$",
            _whole,
        ),
    ),
    samples=(
        sample("a.proto: warning: Import b.proto is unused.", "a.proto warning"),
        sample("Error: src/a.f90: Character function length 7 is not 6", "src/a.f90 error", title="nagfor"),
        sample("Error: host.example.com: no route to host\nERROR: app: not found in path", title="hosts and programs"),
        sample(
            "ERROR Failed to render content of /w/content/blog/a.md\nERROR Reason: no such shortcode",
            "/w/content/blog/a.md error",
            title="zola",
        ),
    ),
)
