"""Secrets taken out of text that is kept or sent on: logs, error reports, prompts."""

import re

HIDDEN = "[hidden]"

# Published token shapes first, since they are certain; then what stands after a name that says what it is.
# GitHub: github.blog of 2021-04-05. Anthropic, OpenAI: `sk-`. Slack: `xox?-`. AWS: access key ids. JWT: RFC 7519.
_TOKENS = re.compile(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|sk-[\w-]{16,255}"
    r"|xox[abeoprs]-[\w-]{10,255}|glpat-[\w-]{20,255}|npm_[A-Za-z0-9]{30,255}|pypi-[\w-]{30,511}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{35}"
    r"|fls_[\w.-]{20,255}|eyJ[\w-]{8,2048}\.[\w-]{8,4096}\.[\w-]{8,1024})"
    r"|-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY-----[^-]{0,20000}(?:-----END (?:[A-Z]+ ){0,3}PRIVATE KEY-----)?"
)
_URL_LOGIN = re.compile(r"(\b[a-z][a-z0-9+.-]{1,20}://)[^\s/@:\"']{0,255}:?[^\s/@\"']{1,1024}@", re.IGNORECASE)
_HEADER = re.compile(
    r"((?:proxy-)?authorization[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?:(?:bearer|basic|token|digest)\s{1,4})?|\bbearer\s{1,4})"
    r"[^\s\"',;]{6,4096}",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(\b[\w.-]{0,64}(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)[\"']?"
    r"\s{0,4}[:=]\s{0,4}[\"']?)(?!\[hidden\])[^\s\"',;&]{4,4096}",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """`text` with what looks like a secret replaced by `[hidden]`. Linear in the length of `text`.

    It errs on the side of hiding: `token: abcd` is hidden whatever `abcd` is.
    """
    text = _TOKENS.sub(HIDDEN, text)
    text = _URL_LOGIN.sub(rf"\g<1>{HIDDEN}@", text)
    text = _HEADER.sub(rf"\g<1>{HIDDEN}", text)
    return _NAMED.sub(rf"\g<1>{HIDDEN}", text)
