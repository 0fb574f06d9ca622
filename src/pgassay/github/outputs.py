"""What a step hands to the next ones: the lines of the file that `GITHUB_OUTPUT` names."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Mapping

from pgassay.model import Report, Severity

_PLAIN = re.compile(r"[\w./ -]*", re.ASCII)


def outputs(report: Report, report_path: str) -> Mapping[str, str]:
    """The outputs of action.yml. `verdict` is pass, comment or block; with `incomplete` it is never a clean pass."""
    numbers = Counter(finding.severity for finding in report.findings)
    return {
        "verdict": report.verdict.value,
        "incomplete": str(report.incomplete).lower(),
        "errors": str(numbers[Severity.ERROR]),
        "warnings": str(numbers[Severity.WARNING]),
        "notes": str(numbers[Severity.NOTE]),
        "report": report_path,
    }


def output_lines(values: Mapping[str, str], token: str | None = None) -> str:
    """To be appended to the file. `token` ends a value of several lines; it is random, so that no value can."""
    token = token or secrets.token_hex(16)
    return "".join(
        f"{name}={value}\n" if _PLAIN.fullmatch(value) else f"{name}<<{token}\n{value}\n{token}\n"
        for name, value in values.items()
    )
