"""What builds and formats JavaScript: esbuild, webpack, rollup, vite, biome, prettier, svelte-check, flow, babel."""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re

from factory_ls.ci.families import webpack
from factory_ls.ci.families.eslint import header_above
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of

_PLACE = re.compile(r"\s+(?P<path>[^\s:]+):(?P<line>\d+):(?P<col>\d+):?$")


def _esbuild(match: re.Match[str], here: Here) -> Found | None:
    for text, line in here.below(4):
        if located := _PLACE.match(text):
            here.claim(line)
            trailing = re.match(r"(?P<msg>.*) \[(?P<code>[a-z]+(?:-[a-z]+)+)\]$", match["msg"])
            found = here.found(
                trailing["msg"] if trailing else match["msg"],
                located["path"],
                located["line"],
                column=located["col"],
                severity=severity_of(match["sev"]),
                tool="esbuild",
                code=trailing["code"] if trailing else None,
            )
            here.memory["bundler"] = found
            if coded := re.match(r"(TS-?\d+|NG\d+): (.*)", found.message):
                found.code, found.message, found.tool = coded[1], coded[2], "tsc"
            return found
    return None


def _biome(match: re.Match[str], here: Here) -> Found | None:
    message, severity = "", Severity.ERROR
    last = here.line
    for text, line in here.below(6):
        if told := re.match(r"\s*(?P<mark>[×✖!⚠ℹi])\s+(?P<msg>.+)", text):
            message, last = told["msg"], line
            severity = {"!": Severity.WARNING, "⚠": Severity.WARNING, "ℹ": Severity.INFO, "i": Severity.INFO}.get(
                told["mark"], Severity.ERROR
            )
            break
    here.claim(last)
    return here.located(match, message=message or match["code"], severity=severity, tool="biome")


def _prettier(match: re.Match[str], here: Here) -> Found | None:
    path = match["path"].strip()
    message = match.groupdict().get("msg")
    if not message and not re.search(r"\.\w+$", path):
        return None
    found = here.found(
        message or f"Not formatted: {path}",
        path,
        match.groupdict().get("line"),
        column=match.groupdict().get("col"),
        severity=severity_of(match["sev"]),
        tool="prettier",
    )
    found.gates = True
    return found


def _rollup(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    message = match.groupdict().get("msg") or ""
    if not message:
        for text, _ in here.above(3):
            if text.strip() and "://" not in text:
                message = text.strip()
                break
    if not re.search(r"error|failed|not exported|could not|cannot|unexpected|invalid|missing", message, re.IGNORECASE):
        return None
    previous = here.memory.get("rollup")
    if isinstance(previous, Found) and (previous.printed, previous.line) == (match["path"], int(match["line"])):
        return []  # the same place again, over its code frame
    found = here.located(match, message=re.sub(r"^\[!\]\s*(?:\([^)]*\)\s*)?", "", message), tool="rollup")
    here.memory["rollup"] = found
    return found


def _htmlhint(match: re.Match[str], here: Here) -> Found | None:
    """`L3 |<code>`, then `^ message (rule)`; the file is above."""
    path = header_above(here)
    if path is None:
        return None
    for text, line in here.below(1):
        if told := re.match(r"(?P<lead>\s+)\^ (?P<msg>.*?) \((?P<code>[\w-]+)\)$", text):
            here.claim(line)
            return here.found(told["msg"], path, match["line"], code=told["code"], tool="htmlhint", last=line)
    return None


def _coffee(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(200):
        if header := re.match(r"\s+[✗✘⚡⚠] (?P<path>\S+\.coffee)$", text):
            severity = Severity.WARNING if "⚡" in here.text or "⚠" in here.text else Severity.ERROR
            return here.found(
                match["msg"], header["path"], match["line"], code=match["code"], severity=severity, tool="coffeelint"
            )
        if not re.match(r"\s+\S+ #\d+: ", text):
            return None
    return None


def _sass(match: re.Match[str], here: Here) -> Found | None:
    """`Error: message`, a code frame, `  a.scss 3:5  root stylesheet`."""
    for text, line in here.above(14):
        if told := re.match(
            r"\s*(?P<sev>Error|Deprecation Warning|DEPRECATION WARNING|WARNING|Warning)(?: \[(?P<code>[\w-]+)\]| on line .*)?: (?P<msg>.*)",
            text,
        ):
            severity = Severity.ERROR if told["sev"] == "Error" else Severity.WARNING
            return here.found(
                told["msg"],
                match["path"],
                match["line"],
                column=match["col"],
                severity=severity,
                code=told["code"],
                at=line,
                last=here.line,
                tool="sass",
            )
    return None


def _remembered(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match)
    here.memory["bundler"] = found
    return found


def _config(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """`failed to load config from /w/vite.config.js`, then the error that the configuration threw."""
    name = match["path"].replace("\\", "/").rpartition("/")[2]
    if any(text.startswith(f"{name}:") for text, _ in here.below(8)):
        return []  # what is wrong is told with its line
    for text, line in here.below(4):
        if re.match(r"\w*Error\b", text):
            here.claim(line)
            found = here.found(text, match["path"], at=line)
            here.memory["bundler"] = found
            return found
    return here.located(match)


def _plugin(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """A vite plugin's error: its message, then `file: /w/src/App.svelte:3:5`; most say the place in the message too."""
    told = here.memory.get("bundler")
    if isinstance(told, Found) and told.line == int(match["line"]):
        return []
    for text, line in here.above(4):
        if text.strip():
            found = here.located(match, message=text.strip())
            if found:
                found.log_line = line.number
            return found
    return None


def _parcel(match: re.Match[str], here: Here) -> Found | None:
    """`@parcel/core: message`, an empty line, `  /w/src/main.js:3:17`."""
    for text, line in here.above(4):
        if told := re.match(r"(?:🚨 )?@[\w/-]+: (?P<msg>.*)", text):
            return here.found(
                told["msg"], match["path"], match["line"], column=match["col"], tool="parcel", at=line, last=here.line
            )
    return None


def _circle(match: re.Match[str], here: Here) -> Found | None:
    if any("circular dependenc" in text for text, _ in here.above(200)):
        return here.found(f"Circular dependency: {match[0].split(') ', 1)[1]}", match["path"], tool="madge")
    return None


def _deno_fmt(match: re.Match[str], here: Here) -> Found | None:
    for text, line in here.below(1):
        if numbered := re.match(r"\s*(?P<line>\d+) \| [-+]", text):
            here.claim(line)
            return here.found("Not formatted", match["path"], numbered["line"], tool="deno", code="fmt")
    return None


def _flow(match: re.Match[str], here: Here) -> Found | None:
    for text, line in here.below(3):
        if text.strip():
            here.claim(line)
            return here.located(match, message=text.strip(), severity=severity_of(match["sev"]), tool="flow")
    return None


def _svelte(match: re.Match[str], here: Here) -> Found | None:
    for text, line in here.below(1):
        if told := re.match(r"\s*(?P<sev>Error|Warn|Hint): (?P<msg>.*?)(?: \((?P<code>[\w-]+)\)|\s+)?$", text):
            here.claim(line)
            found = here.located(match, message=told["msg"], severity=severity_of(told["sev"]), tool="svelte-check")
            if found:
                found.code = told["code"]
            return found
    return None


FAMILY = Family(
    name="bundlers",
    about="esbuild, webpack, rollup, vite, biome, prettier, flow, svelte-check, babel",
    names=(
        "esbuild",
        "webpack",
        "rollup",
        "vite",
        "biome",
        "prettier",
        "flow",
        "svelte-check",
        "babel",
        "storybook",
        "sass",
    ),
    rules=(
        Rule(("[ERROR] ", "[WARNING] "), r"\s*(?:✘|▲|X|✖)\s*\[(?P<sev>ERROR|WARNING)\] (?P<msg>.*)", _esbuild),
        Rule(
            ("ERROR in ", "WARNING in "),
            r"(?P<sev>ERROR|WARNING) in (?P<path>\.{0,2}/\S+?)(?:\?\S*)?(?: (?P<line>\d+):(?P<col>\d+)(?:-\S+)?)?$",
            webpack.told,
        ),
        Rule(
            "Unable to resolve module ",
            r".*?(?P<msg>Unable to resolve module \S+ from (?P<path>[^\s:]+)): ?",
            webpack.metro,
        ),
        Rule(
            ("Module not found: ", "Module parse failed: ", "Module build failed "),
            r"(?P<msg>Module (?:not found|parse failed|build failed)\b.*)",
            webpack.under,
        ),
        Rule("The error was:", r"The error was:$", webpack.unprepared),
        Rule(
            " ━━",
            r"\s*(?P<path>\S+?)(?::(?P<line>\d+):(?P<col>\d+))? (?P<code>lint/\S+|parse|format|organizeImports|assist/\S+|suppressions/\S+|syntax|internalError/\S+)\s+(?:FIXABLE\s+|DEPRECATED\s+|INTERNAL\s+)*━{4,}",
            _biome,
            scan=r"(?:(?:lint|assist|suppressions|internalError)/[^ \n]+|parse|format|organizeImports|syntax) +(?:[A-Z]+ +)*[^ -~\n]",
        ),
        Rule(
            ("[error] ", "[warn] "),
            r"\[(?P<sev>error)\] (?P<path>[^\s:]+\.\w+): (?P<msg>.*?) ?\((?P<line>\d+):(?P<col>\d+)\)$",
            _prettier,
        ),
        Rule(
            "[warn] ",
            r"\[(?P<sev>warn)\] (?P<path>(?!Code style|Run |jsx|Ignored|\"|\d+ +\|)[^\s:][^:]*\.\w+)$",
            _prettier,
        ),
        Rule(
            "RollupError: ", r"\[!\] .*?RollupError: (?P<path>\S+) \((?P<line>\d+):(?P<col>\d+)\): (?P<msg>.*)", _rollup
        ),
        Rule(
            " (",
            r"(?P<path>(?:[A-Za-z]:)?(?:[^\s:()]|\((?:[\w@-][\w.@-]*\)(?=/)|\.{1,3}\)))+\.(?:[cm]?[jt]sx?|vue|svelte|css|scss)) \((?P<line>\d+):(?P<col>\d+)\)(?:: (?P<msg>.*))?$",
            _rollup,
            scan=r"\.[a-z]+ \([0-9]+:[0-9]+\)",
        ),
        Rule(
            "Error: ",
            r"(?:.*?\b)?(?:\w*Error): (?P<path>(?:[A-Za-z]:)?(?:[^\s:()'\"]|\((?:[\w@-][\w.@-]*\)(?=/)|\.{1,3}\)))+\.\w+): (?P<msg>.*?) ?\((?P<line>\d+):(?P<col>\d+)\)",
            _remembered,
            tool="babel",
        ),
        Rule(
            "CssSyntaxError: ",
            r".*?CssSyntaxError: (?:\[[\w-]+\] )?(?P<path>\S+?):(?P<line>\d+):(?P<col>\d+): (?P<msg>.*)",
            _remembered,
            tool="postcss",
        ),
        Rule(
            "Could not resolve ",
            r"(?:.*?(?:Rollup|\[!\] )Error: )?(?P<msg>Could not resolve [\"'][^\"']+[\"'] from (?P<quote>[\"']?)(?P<path>[^\"'\s:]+\.\w+)(?P=quote)(?!:).*)",
            _remembered,
            tool="rollup",
        ),
        Rule(
            " (imported by ",
            r"(?P<msg>\S+ \(imported by \"(?P<path>[^\"]+)\"(?:, .*)?\))$",
            tool="rollup",
            severity=Severity.WARNING,
        ),
        Rule(
            " > ",
            r" > (?P<path>\S+?):(?P<line>\d+):(?P<col>\d+): (?P<sev>error|warning): (?P<msg>.*)",
            _remembered,
            tool="esbuild",
            scan=r" > [^ \n]+:[0-9]+: (?:error|warning): ",
        ),
        Rule(
            "): ",
            r"(?:\[[\w:@/ -]+\] )+(?P<path>\S+\.\w+) \((?P<line>\d+):(?P<col>\d+)\): (?P<msg>.*)",
            _remembered,
            tool="vite",
            scan=r"\] [^ ]+\.[a-z]+ \([0-9]+:[0-9]+\): ",
        ),
        Rule("file: ", r"file: (?P<path>/\S+?):(?P<line>\d+):(?P<col>\d+)$", _plugin, tool="vite"),
        Rule("failed to load config from ", r"(?:.* )?failed to load config from (?P<path>\S+)$", _config, tool="vite"),
        Rule(
            ":",
            r"\s{2}(?P<path>/\S+):(?P<line>\d+):(?P<col>\d+)$",
            _parcel,
            scan=r"(?m:^|[ \t])  /[^ \n:]+:[0-9]+:[0-9]+(?m:$)",
        ),
        Rule(") ", r"\d+\) (?P<path>\S+\.\w+) > \S+", _circle, scan=r"[0-9]\) [^ \n]+\.[a-z]+ > "),
        Rule("from /", r"from (?P<path>/\S+):$", _deno_fmt),
        Rule(
            (" ERROR ", " WARNING ", " HINT "),
            r"\d+ (?P<sev>ERROR|WARNING|HINT) \"(?P<path>[^\"]+)\" (?P<line>\d+):(?P<col>\d+) \"(?P<msg>.*)\"$",
            tool="svelte-check",
            scan=r"(?:ERROR|WARNING|HINT) \"",
        ),
        Rule(
            (" is not exported by ", "failed to resolve import"),
            r".*?(?:\[vite\]: )?(?P<msg>(?:Rollup|Rolldown) failed to resolve import \"[^\"]+\" from \"(?P<path>[^\"]+)\".*)",
            tool="vite",
        ),
        Rule("|", r"\s+L(?P<line>\d+)\s*\|", _htmlhint, scan=r" L[0-9]+ *\|"),
        Rule(" #", r"\s+[✗✘⚡⚠] #(?P<line>\d+): (?P<msg>.*?)\.?(?: \((?P<code>\w+)\))?$", _coffee, scan=r" #[0-9]+: "),
        Rule(" stylesheet", r"\s+(?P<path>\S+\.s[ac]ss) (?P<line>\d+):(?P<col>\d+)\s+root stylesheet", _sass),
        Rule(
            ("Error -", "Error ┈", "Warning -", "Warning ┈"),
            r"(?P<sev>Error|Warning) [-┈]{3,} (?P<path>\S+?):(?P<line>\d+):(?P<col>\d+)$",
            _flow,
        ),
        Rule(
            (".svelte:", ".astro:"),
            r"\s*(?P<path>\S+?\.(?:svelte|astro|ts|js)):(?P<line>\d+):(?P<col>\d+)$",
            _svelte,
        ),
    ),
    samples=(
        sample(
            '✘ [ERROR] Could not resolve "./gone"\n\n    src/a.ts:1:15:\n      1 │ import x from "./gone"',
            "src/a.ts:1:15 error",
            title="esbuild",
        ),
        sample(
            "ERROR in ./src/a.js 3:5-20\nModule not found: Error: Can't resolve './gone' in '/w/src'",
            "src/a.js:3:5 error",
            title="webpack",
        ),
        sample(
            "src/a.ts:3:7 lint/suspicious/noDoubleEquals  FIXABLE  ━━━━━━━━━━━━━━━━\n\n  × Use === instead of ==.\n",
            "src/a.ts:3:7 error lint/suspicious/noDoubleEquals",
            title="biome",
        ),
        sample(
            "src/a.ts format ━━━━━━━━━━━━━━━━\n\n  × Formatter would have printed the following content:\n",
            "src/a.ts error format",
        ),
        sample(
            "Checking formatting...\n[warn] src/a.js\n[error] src/b.js: SyntaxError: Unexpected token (3:5)\n[warn] Code style issues found in 2 files. Run Prettier with --write to fix.",
            "src/a.js warning",
            "src/b.js:3:5 error",
            title="prettier",
        ),
        sample(
            'error during build:\nsrc/main.js (1:9): "x" is not exported by "src/b.js", imported by "src/main.js".',
            "src/main.js:1:9 error",
            title="vite, rollup",
        ),
        sample(
            'SyntaxError: /w/src/a.js: Unexpected token, expected ";" (3:5)', "/w/src/a.js:3:5 error", title="babel"
        ),
    ),
)
