"""`--format text`: for people. Errors first, a file's problems together, the excerpt below."""

from collections import Counter

from factory_ls.model.problem import Problem, Report, Severity

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2, Severity.HINT: 3}


def render(report: Report) -> str:
    lines: list[str] = []
    for problem in sorted(report.problems, key=lambda problem: _ORDER[problem.severity]):
        lines += [*_problem(problem), ""]
    for failure in report.failures:
        where = f" (log line {failure.log_line})" if failure.log_line else ""
        lines += [f"error: {failure.tool}: {failure.message}{where}", ""]
    lines.append(_total(report))
    return "".join(line + "\n" for line in lines)


def _problem(problem: Problem) -> list[str]:
    place = ":".join(str(part) for part in (problem.path, problem.line, problem.column) if part)
    code = f" [{problem.code}]" if problem.code else ""
    lines = [f"{place}: {problem.severity}: {' '.join(problem.message.split())}{code}"]
    origin = [problem.tool, *([problem.test] if problem.test else []), *(problem.jobs or ())]
    lines.append(f"    {' · '.join(origin)}" + (f" · log line {problem.log_line}" if problem.log_line else ""))
    lines += [f"    | {line}" for line in problem.excerpt.splitlines()[:6]]
    return lines


def _total(report: Report) -> str:
    counted = Counter(str(problem.severity) for problem in report.problems)
    counted["failure without a place"] = len(report.failures)
    parts = [f"{count} {name}{'s' if count > 1 and name != 'info' else ''}" for name, count in counted.items() if count]
    more = f"; {report.dropped} more were not kept" if report.dropped else ""
    return (
        f"{', '.join(parts) or 'No problem found'}{more}. {report.stats.lines} lines in {report.stats.seconds:.2f} s."
    )
