"""Words that more than one format says: counts, verdicts, times."""

from __future__ import annotations

from collections import Counter

from pgassay.model import Report, Severity, Verdict

_VERDICTS = {Verdict.PASS: "passed", Verdict.COMMENT: "passed with comments", Verdict.BLOCK: "blocked"}
_COMMIT_LENGTH = 7


def verdict(report: Report) -> str:
    if report.incomplete and report.verdict is not Verdict.BLOCK:
        return "could not check"
    return _VERDICTS[report.verdict]


def counted(number: int, noun: str) -> str:
    """1 policy, 2 policies."""
    return f"{number} {noun if number == 1 else plural(noun)}"


def plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def severities(report: Report) -> list[str]:
    """1 error, 2 warnings: worst first, only those that occur."""
    numbers = Counter(finding.severity for finding in report.findings)
    return [counted(numbers[severity], severity.value) for severity in Severity if numbers[severity]]


def duration(seconds: float) -> str:
    if seconds >= 60:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s"
    return f"{seconds:.1f} s" if seconds >= 0.1 else f"{max(seconds, 0.01):.2f} s"


def short_ref(ref: str) -> str:
    """A commit's first seven digits; a branch as it is."""
    is_commit = len(ref) == 40 and all(digit in "0123456789abcdef" for digit in ref)
    return ref[:_COMMIT_LENGTH] if is_commit else ref
