"""Shapes that many tools share. Tried last; careful about what may be a path and what may be a message.

path:line:col: error: message        path(line,col): error X1: message      "path", line 3: message
error: path:line:col: message        path:line:col message                  message in path on line 3
"""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re

from factory_ls.ci.families.alone import LOGGED, NOT_SOURCE, alone, continues, listed, unnamed
from factory_ls.ci.naming import tool_of
from factory_ls.ci.paths import external, tidy
from factory_ls.ci.places import Place, find_place
from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of
from factory_ls.model.problem import Severity

# Weak words are common in prose: a colon or a bracket must follow.
_WORD = (
    r"(?P<sev>(?i:fatal error|syntax error|parse error|parser error|parsererror|internal error|compile error|compilation error|semantic error|"
    r"runtime error|error|warning|fatal|informational|information|remark|severe|deprecation|emerg|crit|err|warn)|"
    r"(?i:note|info|hint|notice|style|convention|refactor|performance|portability|suggestion|critical|major|minor|deprecated|failure|advice|advisory|low|medium|high|questionable|extension|obsolescent|non-standard|deleted feature used|check)"
    r"(?=\s*[:\]),>/]|\([A-Z]\w+\):|\s+(?:[A-Z]+[-\d]|\d+:|\(\w+:)|\[))"
)
# What a message starts with: how bad, and the code.
_AFTER = re.compile(
    r"^\s*[:;,\])|-]*\s*(?:[-–•]+\s+)?(?:\w+\(\) (?:\[[\w.]+\] )?|[A-Z]\w+ analysis |\[--?W[\w=-]+\] |(?P<early>[a-z]{2,4}\d{3,5}): (?:\{\w\} )?)?[\[(<*]*(?:Severity-|[Hh]int (?=warning))?"
    + _WORD
    + r"(?![\w-]*[\w]=)(?!/[A-Z]\w)(?:/\d\b|!|\b)"
    r"(?:[\[( ]?\s?#?(?P<code>(?:[A-Z][A-Za-z]{0,14}[-_:]?)?\d{1,7}(?:-[A-Z])?|[A-Za-z]+(?:[-_/.][A-Za-z0-9]+)+|\w{2,40}(?=[\])]))[\])]?)?"
    r"\s*[\])>*]*\s*[:,!]?\s*(?:-\s+)?"
)
_LETTER = re.compile(
    r"^\s*[:,]?\s*(?:[\[(](?P<a>[EWCRIFNHS])(?P<number>\d*)[\])]|(?P<b>[EWCRIFNHS])(?=:))[:,]?\s*(?=\S)"
)
_LETTERS = {"E": Severity.ERROR, "F": Severity.ERROR, "S": Severity.ERROR, "W": Severity.WARNING, "H": Severity.HINT}
# What may stand before a place: a program's name, how bad, a code, a preposition; nothing else.
_BEFORE = re.compile(
    r"^\s*(?:\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\| )?(?:[*#%!>|\[(<\s-]*)(?:[\w./+-]{1,60}:\s*)??(?:[\w-]{1,20}-\d{3,6}:?\s+)?[*%\[(<]*"
    + _WORD
    + r"[\])>]*"
    r"(?:[-:\s\[(#]+(?P<code>[A-Z]+\w*[-_]?\d*[A-Z]*|\d{1,6}|[a-z]+(?:[-_][a-z]+)+)[\])]*)?\s*(?:number \d+\s*)?[:,!]*\s*"
    r"(?P<tail>(?:[A-Z][a-z]+ (?=$)|(?:[a-z][\w /\"'-]{2,60}: ){1,5}(?=$))?(?:[\w ]{1,60}(?:error|warning|info) (?:at|in) )?(?:(?:in|at|on|near|from|while \w+|file|line|loading|parsing|reading|compiling|processing|checking)\b[:\s]*)*(?:-+>?\s*)?(?:\([\w-]+\)\s*)?[(\"'`]?)$",
)
_LETTER_BEFORE = re.compile(
    r"^\s*(?:\w+:? )?(?:\*?(?P<sev>[EWIFN])(?:,(?P<code>\w+)\s+|[,:]\s+)|(?P<sev2>[EWFI])(?P<code2>\d+|-[A-Z]+-\d+):\s+|\((?P<sev3>[EWFI])\)\s+)$"
)
_PROGRAM = re.compile(
    r"^(?!\s*(?:fix|feat|chore|grep|egrep|rg|sed|awk|cp|mv|rm|ls|cat|tar|echo|diff|npm|fatal|hint|INFO|DEBUG)\b)(?:\s*|\s*[\w./+-]{1,40}(?:\.exe)?:\s?|\s*\[|\s*[-•] |[A-Z]{2}:\[\w+\]:|\s*[\w+-]{2,20}: line \d+: |\d+ errors? occurred:\s*)$"
)
_LEADING = re.compile(
    r"^\(?\[?(?P<code>[A-Z]{1,6}[-_]?\d{1,6}[a-z]?|\d{4}-\d{3,4}|[a-z]+(?:-[a-z0-9]+){1,6}|[A-Z]\w*/[\w/]+)\]?\)?(?::\s*|\s+(?=\S{2}|$)|$)"
)
_TRAILING = re.compile(r"\s+(?:\((?P<paren>[A-Za-z][\w/@.:-]*\w)\)|\[(?P<bracket>[A-Za-z-][\w/@.:+=, -]*[\w+])\])\s*$")
_SENTENCE = re.compile(r"^\s+[A-Z#\[`\"']\S*(?:\s+\S+){2,}")
_TALK = re.compile(
    r"^\s*(?:\d|[-+*/=<>|&.)\]},]|(?:at|in|from|and|to|is|was|of|ms|bytes|s)\b|\(?(?:passed|ok|PASS|INFO|DEBUG|running|Running|done|started|starting|listening|created|updated|skipped)\b|›|❯)"
)
# What a shell could not run, behind its script and line.
_REFUSED = re.compile(r"\S+: (?:Permission denied|No such file or directory|command not found|cannot execute)")
_WHOLE = re.compile(
    r"^(?:error|warning|info) file=(?P<path>\S+) message=(?P<msg>.*?)(?: line=(?P<line>\d+))?(?: column=(?P<col>\d+))?$"
)


def _any(_: re.Match[str], here: Here) -> Found | list[Found] | None:
    text = here.text
    if whole := _WHOLE.match(text):
        return here.located(whole, severity=severity_of(text.split(" ", 1)[0]), tool="scalastyle")
    place = find_place(text)
    if place is None or _GOES_ON.match(text):
        return None
    before, after = place.before, place.after
    if told := _AFTER.match(after):
        if not _introduces(before) or re.match(r":? \[(?:INFO|DEBUG)\]", after):
            return None
        # `syntax error` says what is wrong as well as how bad it is.
        kind = f"{told['sev'].strip()}: " if " " in told["sev"].strip() else ""
        return _found(here, place, told["sev"], told["early"] or told["code"], kind + after[told.end() :].lstrip(": "))
    if lettered := _LETTER.match(after):
        if not _PROGRAM.match(before):
            return None
        letter = lettered["a"] or lettered["b"]
        found = _found(
            here, place, None, f"{letter}{lettered['number']}" if lettered["number"] else None, after[lettered.end() :]
        )
        if isinstance(found, Found):
            found.severity = _LETTERS.get(letter, Severity.INFO)
        return found
    if lettered := _LETTER_BEFORE.match(before):
        letter = lettered["sev"] or lettered["sev2"] or lettered["sev3"]
        return _found(
            here,
            place,
            letter,
            lettered["code"] or (lettered["code2"] and (letter + lettered["code2"]).lstrip("-")),
            after,
        )
    if told := _BEFORE.match(before):
        if not _DOCUMENT.search(place.path) and (
            told["sev"] in ("INFO", "info") or LOGGED.match(before) or _like_a_log(place)
        ):
            return None
        return _found(here, place, told["sev"], told["code"], after)
    if place.way in ("worded", "colon") and _FAILING.match(before) and re.match(r"\s*(?:[:,]|-) *\S", after):
        return _found(here, place, "error", None, after)
    if place.way in ("worded", "of", "quoted", "colon") and (ended := _ended(place, here)):
        return ended
    return _bare(place, here)


# swipl repeats how bad it is on each line of a message.
_GOES_ON = re.compile(r"(?:Warning|ERROR):\s{3,}\S")
_FAILING = re.compile(
    r"^\W*(?:[\w.]+: )?(?i:failed to|unable to|could not|couldn't|cannot|can't|error) (?:\w+ ){1,4}(?:file:? |in |at )?(?:\w+: )?[\"'`]?$"
)


# No program writes its log from these.
_DOCUMENT = re.compile(r"\.(?:rst|md|adoc|tex|html?|css|scss|conf|cfg|ini)$")


def _like_a_log(place: Place) -> bool:
    """`ERROR server.js:33 - cannot connect` is a program's log: the file is where it was written, not what is wrong."""
    bare = place.way == "colon" and place.column is None and "/" not in place.path
    if bare and place.path == "__main__.py":
        return True
    return bare and re.match(r"\s+-?\s*\S|\] ", place.after) is not None


def _introduces(before: str) -> bool:
    """Whether what stands before a place that is followed by `error:` may stand there."""
    if LOGGED.match(before) or re.match(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", before):
        return False
    stripped = before.strip()
    if stripped == "(":
        return True
    if not stripped or len(stripped) < 60:
        return not re.search(
            r"\b(?:echo|printf|grep|assert\w*|expect\w*|should|reports?|test)\b|[\"'`]$|[=(]$", stripped
        )
    return stripped.endswith(":") and bool(re.search(r"error|exception|fail", stripped, re.IGNORECASE))


_LEAD = re.compile(
    r"^(?:<?[\w.+-]+>?(?: \w+)?:? )?\W*(?:(?P<raised>\w+(?:Error|Exception))|"
    + _WORD
    + r")(?:\[?\w*\]?)?(?::\s*|!\s*|\s+(?=number|in line|at line|on line|near))(?P<msg>.*?)\s*\(?(?:in|at|on|near|file|from|of)?:?$"
)


def _ended(place: Place, here: Here) -> Found | list[Found] | None:
    """`PHP Parse error:  message in src/a.php on line 9`, `message at t/a.t line 3.`"""
    if place.before.endswith(": (") and re.match(r"\) \S", place.after) and (lead := _LEAD.match(place.before)):
        return (
            None if LOGGED.match(place.before) else _found(here, place, lead["sev"] or "error", None, place.after[2:])
        )
    if (
        not re.match(r"^[\s.,:;)\]}*]*(?:near .*|thrown.*|during .*|<\w*> line \d+\.?|-> \[Help \d+\])?$", place.after)
        or len(place.after) > 160
    ):
        return None
    before = place.before.strip(" *")
    lead = _LEAD.match(before)
    if lead and not LOGGED.match(before):
        severity = "error" if lead["raised"] else lead["sev"]
        if severity_of(severity) is not Severity.INFO:
            return _found(here, place, severity, None, lead["msg"] or before)
    if place.way == "colon" and (coded := re.match(r"^(?P<code>[A-Z]{1,5}\d{2,5}): (?P<msg>.+?):?$", before)):
        word = (
            {"W": "warning", "I": "info"}.get(coded["code"][0]) if re.search(r"\.(?:ya?ml|json)$", place.path) else None
        )
        return _found(here, place, word or "error", coded["code"], coded["msg"])
    if place.way in ("worded", "of") and re.search(
        r"(?i:\b(?:syntax|parse|parsing|validation|schema|type) error\b|\bmalformed\b|\bcould not parse\b|\bfailed to (?:parse|load|compile|read)\b)",
        before,
    ):
        return _found(here, place, "error", None, re.sub(r"[\s@]*\b(?:in|at|on)?[\s@]*$", "", before))
    if (
        re.search(r"\b(?:in|at|on)$", before)
        and place.way in ("worded", "of")
        and re.match(
            r"^(?:Died|syntax error|Can't|Cannot|Undefined|Global symbol|Unknown|Unexpected|Invalid|Missing|Bareword|Compilation failed|Use of|Not an?\b|No such|Failed|Illegal)",
            before,
        )
    ):
        return _found(
            here,
            place,
            "warning" if before.startswith("Use of uninit") else "error",
            None,
            re.sub(r"\s*\b(?:in|at|on)$", "", before),
        )
    return None


# What `grep -n` prints: the line as it is, with no space of its own.
_SOURCE = re.compile(
    r"[:-](?:\s{4,}\S|\t|(?:def|class|import|from|return|if|for|const|let|var|function|public|private|static|func|fn|use|package|#include|export|async|@\w+)\b(?!.*\.$)|\S.*(?:[({;,]|\)|->.*:|=)$)"
)


def _bare(place: Place, here: Here) -> Found | list[Found] | None:
    """A place at the start of the line and a message, with no word for how bad it is: a linter, if it looks like one."""
    before, after = place.before, place.after
    message = after.lstrip()
    if place.way == "colon" and place.column is None and after.startswith(" -") and (dashed := _dashed(place, here)):
        return dashed
    if place.column and re.match(r":\s{3,}\S", after) and continues(place, here):
        return []
    if not _PROGRAM.match(before) or LOGGED.match(here.text) or external(place.path):
        return None
    if re.match(r"\s+(?:\w+\.)*test\w*(?:\[.*\])? - ", after):
        return None  # a test's name: pytest-pretty, before it tells more
    if before.strip() in ("-", "•") and not listed(here):
        return None
    path = tidy(place.path)
    if NOT_SOURCE.search(path) or not re.search(r"[A-Za-z]{2}", message):
        return None
    if place.way == "colon" and place.column is None and after.startswith(" -"):
        return _last_resort(place, here)
    if before.strip() == "[":
        message = message.lstrip("] -:")
    elif separated := re.match(r"^\s*(?:[:,;)\]-]+|[–—]|\.(?=\s+[A-Z]\w+ ))\s*(?:==> )?", after):
        message = after[separated.end() :]
    elif place.way not in ("tabbed", "bracket", "quoted") and not (place.way == "colon" and _SENTENCE.match(after)):
        return _last_resort(place, here)
    if place.way in ("plain", "dotted", "table") or not message:
        return None
    if place.way == "colon" and place.column is None and _SOURCE.match(after):
        return None
    graded = re.match(r"^(?:(?P<code>\d{4}-\d{3,4})\s+)?\((?P<letter>[EWSIU])\)\s+(?P<msg>\S.*)", message)
    if graded:
        severity = {"W": "warning", "I": "info"}.get(graded["letter"], "error")
        return _found(here, place, severity, graded["code"], graded["msg"])
    # Nim ends a trace with a place and a module's name.
    tagged = place.way == "bracket" and place.column and re.match(r"</?[a-z]", message)  # weblint, of an element
    talk = _TALK.match(message) and not _REFUSED.match(message) and not tagged
    if talk or "›" in message or (place.way == "bracket" and message.isidentifier()):
        return None
    # xcpretty and others put a sign in front, which was taken off with other prefixes.
    warned = here.line.text.lstrip().startswith("⚠") or re.match(r"(?:\w+Warning\b|[A-Z]\w+ [Ww]arning:)", message)
    return _found(here, place, "warning" if warned else None, None, message)


def _dashed(place: Place, here: Here) -> Found | list[Found] | None:
    """`src/a.ts:12 - name`, `/w/a.rb:12 - use a scope`: programs log in this form too, but not a name, nor of a folder."""
    if place.before.strip() or "/" not in place.path or external(place.path):
        return None
    if re.match(r" - \w+(?: \(used in module\))?$", place.after):
        return _found(here, place, None, None, f"unused: {place.after.strip(' -')}")
    if here.line.text.lstrip().startswith(("❌", "✖", "✗", "✘", "×", "⚠")) and re.search(
        r"[a-z]{2,} [a-z]", place.after
    ):
        warned = here.line.text.lstrip().startswith("⚠")
        return _found(here, place, "warning" if warned else None, None, place.after)
    if place.path.endswith(".rb") and re.match(r" - [a-z][a-z']+ .*[a-z]", place.after):
        return _found(here, place, None, None, place.after)
    return None


_REMARK = re.compile(r"\s+(?:[-–—→>]+\s+)?(?P<msg>[A-Za-z`'\"][\w`'\"-]*(?:\s+\S+){2,})$")


def _last_resort(place: Place, here: Here) -> Found | list[Found] | None:
    """`src/a.ts:14 imports src/b.ts (a → b)`: what a check of the repository's own prints, where nothing else was told."""
    remark = _REMARK.match(place.after)
    if place.way != "colon" or "/" not in place.path or not remark or _TALK.match(remark["msg"]):
        return None
    found = _found(here, place, None, None, remark["msg"])
    if isinstance(found, Found):
        found.fallback = True
    return found


_OWN = re.compile(r"(?:(?P<code>[A-Z]+\d+)\[\w+\]: )?(?P<sev>LOW|MEDIUM|HIGH|CRITICAL): (?=\S)")  # bandit's format
_MARKED = re.compile(r"\s{2,}\[([EWI])\]$")  # at the end of a column
# How bad it is may come behind more of the place.
_RATED = re.compile(
    r"(?:(?:lines|characters) \d+-\d+ ?: )?(?:info |lint )?(?P<sev>[Ww]arning|[Ii]nfo|[Nn]ote|"
    r"attention|avertissement|[Ww]arnung|[Aa]nmerkung|advertencia|aviso|avvertimento|предупреждение|замечание|警告|附注) ?[::] ?"
)
_DETAILS = re.compile(
    r"(?:template/generic instantiation|required (?:from|by)|instantiated from|in instantiation of|\[ ?skipping \d+|see (?:declaration|definition|reference|previous))\b|(?:optimized|missed|MESSAGE|SUCCESS): "
)


def _found(here: Here, place: Place, word: str | None, code: str | None, message: str) -> Found | list[Found] | None:
    message = message.strip(" \t-:;,")
    if word is None and (graded := _RATED.match(message)):
        word, message = graded["sev"], message[graded.end() :]
    if word is None and (marked := _MARKED.search(message)):
        word, message = {"E": "error", "W": "warning"}.get(marked[1], "info"), message[: marked.start()]
    if code is None and (leading := _LEADING.match(message)) and leading.end() < len(message):
        code, message = leading["code"], message[leading.end() :]
    if code is None and (trailing := _TRAILING.search(message)):
        code = trailing["paren"] or trailing["bracket"]
        if word is None and code in ("error", "warning", "info", "note", "notice", "hint"):
            word, code = code, None
        message = message[: trailing.start()]
        if word is None and re.match(r"[WI]\d{3}$", code or "") and re.search(r"\.[cm]?jsx?$", place.path):
            word = "warning" if code and code[0] == "W" else "info"  # jshint
    if word is None and (graded := _OWN.match(message)):
        word, code, message = graded["sev"], graded["code"] or code, message[graded.end() :]
    if (not message and not word) or _DETAILS.match(message):
        return None
    if re.match(r"in [\w.<`']", message) and place.path.endswith((".py", ".pyx", ".rb", ".sh")):
        return None  # a stack frame
    if not message:  # Android's manifest merger tells below
        message = next((text.strip() for text, _ in here.below(1) if text.startswith("\t")), here.text)
    found = here.found(message, place.path, place.line, column=place.column, severity=severity_of(word), code=code)
    found.end_line, found.end_column = place.end_line, place.end_column
    found.tool = tool_of(found.path, code, found.message, here.step.command)
    if word and word.lower() == "note" and code is None and _follows(here, found):
        return []
    if word:
        here.memory["generic"] = found
    return found


def _follows(here: Here, note: Found) -> bool:
    previous = here.memory.get("generic")
    if isinstance(previous, Found) and note.log_line - previous.log_line < 40:
        previous.related.append(here.relate(note))
        return True
    return False


# One expression finds the lines of all shapes: a place behind a word.
_SHAPES = (
    r"[A-Za-z_)\]\"'][:(\[,]\[?[0-9]+[]:,.) \t-]",  # a.c:3:  a.c(3)  A.java:[3,5]  "a.c",3
    r"\.[A-Za-z]+[0-9]+[:(][0-9]+[:,.) ]",  # a.f90:3:
    r"\.[a-z]+\[L[0-9]+\]",  # a.py[L3]
    r"(?m:[a-z]:[0-9]+$)",  # … a.c:3
    r"[Ll]ines?:? #?[0-9]",  # line 3
    r"\.[a-z]+ ?: ?[0-9(]+:?",  # a.sh: 3:  A.kt: (3
    r"[A-Za-z] ?\([0-9]+, [0-9]",  # a.nim(3, 5)
    r"\.[a-z]+ [0-9]+:",  # a.c 3:
    r"\([0-9]+:[a-zA-Z]|\.[a-z]+ \([0-9]+:[0-9]+\) ",  # (3:a.f90)
    r"\.[a-z]+\t[0-9]+\t",
    r"(?:error|warning) file=",
    r"\" [0-9]+/[0-9]+\]|,[0-9]+\|[0-9]+\)|\":[0-9]+\.",
    r"\.[a-z0-9]+ [0-9]+\.[0-9]+-",
    r"\.[a-z]+  +[0-9]+  +[A-Z ]",
)
_SCAN = "|".join(_SHAPES)

FAMILY = Family(
    name="generic",
    about="shapes many tools share",
    rules=(
        Rule(
            ":",
            r"\s{0,8}(?P<path>(?:[A-Za-z]:)?[^\s:\"'()\[\],]+):(?P<line>\d{1,7})(?:[:.](?P<col>\d{1,5}))?(?:--?[\d:.]+)?:?\s*$",
            alone,
            scan=r"(?m:[A-Za-z]:[0-9]+(?:[:.][0-9]+)?(?:--?[0-9:.]+)?:?[ \t]*$)",
        ),
        Rule(
            "── ",
            r"\s*[├└]─+ (?P<path>[^\s:]+\.\w+):(?P<line>\d+)(?::(?P<col>\d+))?:? (?P<msg>[A-Za-z].* .*)",
        ),
        # A path without an extension needs more around it.
        Rule(
            ": ",
            r"(?P<path>[\w.+-]*(?:/[\w.+-]+)+):(?P<line>\d+):(?P<col>\d+): (?P<sev>(?i:syntax error|fatal error|error|warning|note))\b:? ?(?P<msg>.*)",
            unnamed,
            scan=r"/[A-Za-z_-]+:[0-9]+:[0-9]+: (?:[a-z]+ )?(?:[Ee]rror|[Ww]arning|note)",
        ),
        Rule(
            "line ",
            r"(?:>+ )?(?P<path>(?:[A-Za-z]:)?[^\s:]+\.\w+): (?P<msg>.*(?:error|[Ii]nvalid|[Uu]nknown|[Uu]nexpected|[Ee]xpected|[Mm]issing|malformed).*?),? (?:near |at |on )line (?P<line>\d+)(?: <<<|\.)?$",
            scan=r"(?:near|at|on) line [0-9]+(?: <<<|\.)?(?m:$)",
        ),
        Rule(tuple(":(,[\t ="), r".*\d", _any, scan=_SCAN, alone=True),
    ),
    samples=(
        sample("lib/app.rb:3:5: error: unexpected token", "lib/app.rb:3:5 error"),
        sample("src/A.fs(3,5): warning FS0025: Incomplete pattern matches", "src/A.fs:3:5 warning FS0025"),
        sample("ERROR: /w/app/BUILD:17:11: no such target '//a:b'", "/w/app/BUILD:17:11 error"),
        sample('"conf/app.cfg", line 12: syntax error at end', "conf/app.cfg:12 error"),
        sample("setup.sh: line 12: syntax error near unexpected token `fi'", "setup.sh:12 error"),
        sample("PHP Parse error:  syntax error, unexpected '}' in src/a.php on line 9", "src/a.php:9 error"),
        sample("app/models.py:12:1: C901 'load' is too complex (14)", "app/models.py:12:1 error C901"),
        sample(
            "Listening on http://localhost:8080: ready\n12:30:45: started\nhost.example.com:443: error: no route",
            title="hosts and times",
        ),
    ),
)
