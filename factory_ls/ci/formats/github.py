"""`--format github`: workflow commands, so that a step's log turns into annotations.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from factory_ls.model.problem import Report, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice", Severity.HINT: "notice"}


def render(report: Report) -> str:
    lines = []
    for problem in report.problems:
        properties = {"file": problem.path, "line": problem.line, "endLine": problem.end_line}
        properties |= {"col": problem.column, "endColumn": problem.end_column}
        properties["title"] = f"{problem.tool} ({problem.code})" if problem.code else problem.tool
        listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None)
        lines.append(f"::{_COMMANDS[problem.severity]} {listed}::{_data(problem.message)}")
    lines += [f"::error title={_property(failure.tool)}::{_data(failure.message)}" for failure in report.failures]
    return "".join(line + "\n" for line in lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
