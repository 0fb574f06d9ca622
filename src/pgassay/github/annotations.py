"""Lines for the log that a GitHub Actions runner turns into annotations.

A runner keeps ten of each level in a step and 4,096 characters of each message (actions/runner, ExecutionContext.cs).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence

from pgassay.model import Finding, Report, Severity
from pgassay.render.snippet import about_the_file
from pgassay.render.text import one_line
from pgassay.render.visible import ACTING, visible
from pgassay.render.words import plural

MOST = 10
LONGEST = 4_096
_LONGEST_TITLE = 255
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def annotate(report: Report) -> tuple[str, ...]:
    """Workflow commands, worst first, at most ten of each level; the tenth says how many are left out."""
    return tuple(line for severity in Severity for line in _level(severity, report))


def notice(message: str) -> str:
    """One more annotation, about the run itself."""
    return _about_the_run("notice", message)


def warning(message: str) -> str:
    return _about_the_run("warning", message)


def failure(message: str) -> str:
    """Why there is no report."""
    return _about_the_run("error", message)


def _about_the_run(level: str, message: str) -> str:
    return f"::{level} title=pgassay::{_escaped(_cut(visible(message), LONGEST))}"


def quoted(text: str, token: str | None = None) -> str:
    """The text with the runner deaf to commands in it. `token` is random, so that the text cannot end this."""
    token = token or secrets.token_hex(16)
    return f"::stop-commands::{token}\n{text.removesuffix(chr(10))}\n::{token}::"


def _level(severity: Severity, report: Report) -> Iterator[str]:
    findings = sorted((finding for finding in report.findings if finding.severity is severity), key=_order)
    level = _LEVELS[severity]
    kept: Sequence[Finding] = findings if len(findings) <= MOST else findings[: MOST - 1]
    for finding in kept:
        yield f"::{level} {_properties(finding)}::{_escaped(_message(finding))}"
    if len(findings) > len(kept):
        left_out = len(findings) - len(kept)
        yield f"::{level} title=pgassay::{left_out} more {plural(severity.value)}; the summary of the job has them all"


def _order(finding: Finding) -> tuple[int, str, int, str, str]:
    location = finding.location
    return -finding.evidence.rank, location.path, location.start_line, finding.rule, finding.fingerprint


def _properties(finding: Finding) -> str:
    location = finding.location
    values = {"file": location.path if not ACTING.search(location.path) else visible(location.path)}
    if not about_the_file(location):
        values |= {"line": str(location.start_line), "endLine": str(location.end_line)}
    values["title"] = _cut(f"pgassay: {visible(finding.rule)}", _LONGEST_TITLE)
    return ",".join(f"{name}={_escaped(value, in_property=True)}" for name, value in values.items())


def _message(finding: Finding) -> str:
    message = one_line(finding.message)
    instead = f"\ninstead: {one_line(finding.instead)}" if finding.instead else ""
    return message + instead if len(message + instead) <= LONGEST else _cut(message, LONGEST)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _escaped(text: str, *, in_property: bool = False) -> str:
    """As @actions/core does; `%` comes first."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return escaped.replace(":", "%3A").replace(",", "%2C") if in_property else escaped
