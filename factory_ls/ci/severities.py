"""The words tools use for how bad something is."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

from factory_ls.model.problem import Severity

_WORDS = {
    Severity.ERROR: "error err e parsererror emerg severe failed fatal fatalerror f critical crit blocker failure failed fail severe alert emerg panic high major fat",
    Severity.WARNING: "warning warn w medium moderate minor deprecated deprecation caution questionable extension obsolescent non-standard deletedfeatureused wrn "
    "attention avertissement warnung advertencia aviso avvertimento предупреждение 警告",
    Severity.INFO: "info informational information i note n notice remark low convention c refactor r style performance portability "
    "message msg suggestion verbose debug trivial weak advice advisory question check lint inf nte anmerkung замечание 附注",
    Severity.HINT: "hint help h",
}
_TABLE = {word: severity for severity, words in _WORDS.items() for word in words.split()}


def severity_of(word: str | None, default: Severity = Severity.ERROR) -> Severity:
    """`Fatal Error`, `W`, `note`, … as a severity; `default` for a word that is none."""
    if not word:
        return default
    return _TABLE.get(word.strip(" :[]()*!").lower().replace(" ", ""), default)
