"""`--format quickfix`: one `path:line:column: severity: message` a line, for `:cfile` and `compilation-mode`."""

from factory_ls.model.problem import Report


def render(report: Report) -> str:
    lines = []
    for problem in report.problems:
        place = f"{problem.path}:{problem.line or 1}:{problem.column or 1}"
        code = f" [{problem.code}]" if problem.code else ""
        message = " ".join(problem.message.split())
        lines.append(f"{place}: {problem.severity}: {problem.tool}: {message}{code}")
    return "".join(line + "\n" for line in lines)
