"""tsc and what wraps it (vue-tsc, ts-jest, Angular, webpack's checkers, Next.js)."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, sample


def _next(match: re.Match[str], here: Here) -> Found | None:
    """`./src/a.tsx:3:5` or `ERROR in ./src/a.tsx:3:5`, the message on a following line."""
    for text, line in here.below(4):
        body = text.strip()
        if not body:
            continue
        told = re.match(
            r"(?:(?:Type )?[Ee]rror|Warning|Syntax Error|Module (?:not found|parse failed)|TS\d+|Failed to compile|\w+Error)\b:? ?(?P<msg>.*)",
            body,
        )
        if not told:
            return None
        here.claim(line)
        found = here.located(
            match, message=body, severity=here.severity("warning" if body.startswith("Warning") else "error")
        )
        if found and (code := re.search(r"\bTS\d+\b", body)):
            found.code = code[0]
        if found and not found.tool:
            found.tool = "tsc" if found.code else ""
        return found
    return None


def _configured(match: re.Match[str], here: Here) -> Found:
    """Without a place; but what is wrong with a configuration is wrong in its file."""
    named = re.match(r"No inputs were found in config file '(?P<path>[^']+\.json)'", match["msg"])
    return here.found(match["msg"], named["path"] if named else "", code=match["code"])


FAMILY = Family(
    name="tsc",
    about="TypeScript",
    names=("typescript", "vue-tsc", "next"),
    rules=(
        Rule(
            "TS",
            r"(?:ERROR in |Error: )?(?P<path>(?:[A-Za-z]:)?[^\s:\">][^:\">]*?)\((?P<line>\d+),(?P<col>\d+)(?:,\d+,\d+)?\)\s?: (?P<sev>error|warning|message|suggestion)\s+(?P<code>TS\d+): (?P<msg>.*)",
        ),
        Rule(
            "TS",
            r"(?:Error: |✘ \[ERROR\] )?(?P<path>(?:[A-Za-z]:)?[^\s:][^:]*?):(?P<line>\d+):(?P<col>\d+) - (?P<sev>error|warning|message|suggestion) (?P<code>TS-?\d+): (?P<msg>.*)",
        ),
        Rule(
            "TS", r"(?P<path>\S+?):(?P<line>\d+):(?P<col>\d+):? (?P<sev>error|warning):? (?P<code>TS\d+):? (?P<msg>.*)"
        ),
        Rule(
            ("./", "ERROR in ", "Error in ", "[tsl] "),
            r"(?:(?:\[tsl\] )?(?:ERROR|Error|WARNING) in )?(?P<path>\.?/?(?:[^\s:()]|\((?:[\w@-][\w.@-]*\)(?=/)|\.{1,3}\)))+\.(?:[cm]?[jt]sx?|vue|svelte|mdx|css|scss))(?:[:(](?P<line>\d+)[:,](?P<col>\d+)\)?)(?:-\d+(?::\d+)?)?$",
            _next,
            tool="next",
        ),
        Rule(
            "error TS",
            r"error (?P<code>TS\d+): (?P<msg>.*)",
            _configured,
        ),
    ),
    samples=(
        sample(
            "src/a.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.",
            "src/a.ts:3:7 error TS2322",
        ),
        sample(
            """
src/a.ts:3:7 - error TS2322: Type 'string' is not assignable to type 'number'.

3 const n: number = "one";
        ~

Found 1 error in src/a.ts:3
""",
            "src/a.ts:3:7 error TS2322",
            title="pretty",
        ),
        sample(
            """
./pages/index.tsx:12:9
Type error: Property 'title' does not exist on type '{}'.
""",
            "pages/index.tsx:12:9 error",
            title="next build",
        ),
        sample(
            "error TS18003: No inputs were found in config file 'tsconfig.json'.",
            "tsconfig.json error TS18003",
            title="a configuration",
        ),
        sample("error TS5083: Cannot read file '/w/tsconfig.base.json'.", "- tsc", title="no place"),
    ),
)
