"""`--format json`: the report, as the contract has it."""

import msgspec

from factory_ls.model.problem import Report


def render(report: Report) -> str:
    return msgspec.json.format(msgspec.json.encode(report), indent=1).decode() + "\n"
