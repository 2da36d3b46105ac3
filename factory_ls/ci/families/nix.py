"""Nix: an error below the places that led to it, or above its place."""

import re

from factory_ls.ci.paths import external, plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, sample

_STORED = re.compile(r"/nix/store/[0-9a-z]{32}-source/(?!(?:lib|pkgs|nixos)/)")


def _nix(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """The message, then the place: below places that led to it, or alone. A flake's files are in the store."""
    message, told = "", here.line
    for text, line in here.above(12):
        if said := re.match(r"\s*(?:error|warning): (?P<msg>.+)", text):
            message, told = said["msg"], line
            break
    if not message:
        for text, line in here.below(60):
            if said := re.match(r"\s*error: (?P<msg>.+)", text):
                message, told = said["msg"], line
            elif message and (own := re.match(r"\s*at (?P<path>\S+\.nix):\d+:\d+:$", text)):
                if not external(_STORED.sub("", own["path"])):
                    return []  # the place where it is says more
                break
            elif text.strip() and (message or not text.startswith(" ")):
                break
    path = _STORED.sub("", match["path"])
    if not message or not plausible(tidy(path)):
        return None
    return here.found(message, path, match["line"], column=match["col"], at=told, tool="nix")


FAMILY = Family(
    name="nix",
    about="what fails to evaluate",
    rules=(
        Rule(
            "at ",
            r"\s*(?:…\s.*)?at (?P<path>/\S+\.nix|\S+\.nix):(?P<line>\d+):(?P<col>\d+):?$",
            _nix,
            scan=r"at [^ \n]+\.nix:[0-9]",
        ),
    ),
    samples=(
        sample(
            "error: undefined variable 'foo'\n\n       at /home/runner/work/a/a/flake.nix:12:5:\n\n           11|\n",
            "flake.nix:12:5 error",
        ),
    ),
)
