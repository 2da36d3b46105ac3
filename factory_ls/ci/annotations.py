"""Check-run annotations → problems."""

import re
from collections.abc import Sequence

from factory_ls.ci.naming import tool_of
from factory_ls.ci.paths import plausible, tidy
from factory_ls.ci.signature import problem_id, signature
from factory_ls.model.annotation import Annotation
from factory_ls.model.problem import Problem, Severity
from factory_ls.model.text import clean

_LEVELS = {"failure": Severity.ERROR, "warning": Severity.WARNING, "notice": Severity.INFO}
_CODED = re.compile(r"\((?P<code>[\w@/.:-]+)\)$|^(?:\S+:\d+:\d+: )?(?P<leading>[A-Z]{1,4}\d{2,4})\b")
_NOT_THE_REPOSITORYS = re.compile(
    r"Process completed with exit code|Node\.js \d+ (?:actions|is) "
    r"|The (?:operation was canceled|job (?:was not|running))"
    r"|(?:ubuntu|macos|windows)-\S+ (?:pipelines|environment|image)"
)


def from_annotations(check_name: str, job_url: str | None, annotations: Sequence[Annotation]) -> list[Problem]:
    """Problems of one check run.

    Annotations without a file of the repository (`.github`, as the runner writes for a step's exit code) are left out:
    the job's log says more.
    """
    problems = []
    for annotation in annotations:
        path = tidy(clean(annotation.path))
        if path in ("", ".github") or not plausible(path) or path.startswith(("/", "..")) or path[1:2] == ":":
            continue
        if _NOT_THE_REPOSITORYS.search(annotation.message):
            continue
        message = clean(annotation.message).strip() or clean(annotation.title or "").strip()
        coded = _CODED.search(annotation.title or "") or _CODED.search(message)
        code = (coded["code"] or coded["leading"]) if coded else None
        line = annotation.start_line or None
        tool = _titled(annotation.title) or tool_of(path, code, message, check_name)
        signed = signature(tool, path, code, None, message)
        problems.append(
            Problem(
                id=problem_id(signed, line, 1),
                path=path,
                line=line,
                column=annotation.start_column,
                end_line=annotation.end_line,
                end_column=annotation.end_column,
                severity=_LEVELS.get(annotation.level.lower(), Severity.ERROR),
                tool=tool,
                code=code,
                message=message,
                job=check_name,
                jobs=(check_name,),
                check=check_name,
                excerpt=clean((annotation.raw_details or annotation.message)[:2000]),
                signature=signed,
                url=job_url,
            )
        )
    return problems


def _titled(title: str | None) -> str | None:
    """The tool in a title like `ESLint (no-undef)` or `Ruff (F401)`."""
    matched = re.match(r"([A-Za-z][\w.-]*) \([\w@/.:-]+\)$", title or "")
    return matched[1].lower() if matched else None
