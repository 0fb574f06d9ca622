"""The summary of a pull request. The sentences are in `templates/summary.md.j2`; here is what they are made of.

A comment may have some 65,000 characters. Findings get the most room, then what was not checked, then what was allowed,
then the
schema change and who can do what; each section is cut between two entries and says how many it left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from pgassay.model import Allowed, Finding, Location, ObjectChange, Report, Severity, Unchecked, file_name
from pgassay.render.access import Difference, differences
from pgassay.render.diagram import diagram
from pgassay.render.escape import LONGEST_CODE, Markdown, code, link, prose, words
from pgassay.render.markdown_template import markdown_template
from pgassay.render.snippet import about_the_file
from pgassay.render.words import counted, duration, severities, short_ref, verdict

LONGEST = 60_000
_FRAME = 4_000
_KEPT_FOR_EACH_SECTION = 5_000
_AROUND_A_ROW = 60
_MOST_KINDS = 6

_ICONS = {Severity.ERROR: "⛔", Severity.WARNING: "⚠️", Severity.NOTE: "\u2139\ufe0f"}
_SIGNS = {"added": "+", "changed": "~", "removed": "-"}


class FindingRow(Struct, frozen=True):
    icon: Markdown
    place: Markdown
    message: Markdown
    rule: Markdown


class UncheckedRow(Struct, frozen=True):
    what: Markdown
    why: Markdown
    next_step: Markdown


class AllowedRow(Struct, frozen=True):
    rule: Markdown
    place: Markdown
    reason: Markdown
    until: Markdown
    owner: Markdown


class ChangeRow(Struct, frozen=True):
    sign: Markdown
    kind: Markdown
    name: Markdown
    detail: Markdown


class AccessRow(Struct, frozen=True):
    who: Markdown
    name: Markdown
    actions: Markdown
    before: Markdown
    after: Markdown


R = TypeVar("R", FindingRow, UncheckedRow, AllowedRow, ChangeRow, AccessRow)


class Section(Struct, Generic[R], frozen=True):
    rows: tuple[R, ...]
    total: int
    size: int

    @property
    def left_out(self) -> int:
        return self.total - len(self.rows)


def render(report: Report, _colour: bool = False) -> str:
    return markdown_template("summary.md.j2").render(**view(report))


def view(report: Report, longest: int = LONGEST) -> dict[str, Any]:
    """What the template prints, in no more than `longest` characters (at least 30,000)."""
    places = _places([finding.location for finding in report.findings] + [entry.location for entry in report.allowed])
    gaps = sorted(report.unchecked, key=lambda entry: not entry.essential)

    picture = diagram(report.relationships)
    room = longest - _FRAME - len(picture)
    findings = _fitted(report.findings, lambda finding: _finding(finding, places), room - 3 * _KEPT_FOR_EACH_SECTION)
    room -= findings.size
    unchecked = _fitted(gaps, _unchecked, room - 2 * _KEPT_FOR_EACH_SECTION)
    room -= unchecked.size
    allowed = _fitted(report.allowed, lambda entry: _allowed(entry, places), room - _KEPT_FOR_EACH_SECTION)
    room -= allowed.size
    changes = _fitted(report.schema_change, _change, room - _KEPT_FOR_EACH_SECTION)
    room -= changes.size
    access = _fitted(differences(report.access), _access, room)

    server = report.server
    return {
        "verdict": verdict(report),
        "severities": severities(report),
        "findings": findings,
        "unchecked": unchecked,
        "allowed": allowed,
        "changes": changes,
        "access": access,
        "diagram": picture,
        "kinds": _kinds(report.schema_change),
        "incomplete": report.incomplete,
        "code_is_at_odds": any(finding.group == "application" for finding in report.findings),
        "stage": report.stage,
        "migrations": report.migrations,
        "base_ref": code(short_ref(report.base_ref)) if report.base_ref else None,
        "server": server,
        "environment": server.environment.capitalize() if server and server.environment != "postgres" else None,
        "time": duration(report.seconds.get("total", 0.0)),
        "commit": code(short_ref(report.commit)) if report.commit else None,
    }


T = TypeVar("T")


def _fitted(things: Sequence[T], row: Callable[[T], R], room: int) -> Section[R]:
    """As many of the first things as have room."""
    rows: list[R] = []
    size = 0
    for thing in things:
        made = row(thing)
        length = sum(map(len, msgspec.structs.astuple(made))) + _AROUND_A_ROW
        if size + length > room:
            break
        rows.append(made)
        size += length
    return Section(tuple(rows), len(things), size)


def _finding(finding: Finding, places: Callable[[Location], Markdown]) -> FindingRow:
    rule = link(code(finding.rule), finding.url)
    return FindingRow(Markdown(_ICONS[finding.severity]), places(finding.location), prose(finding.message), rule)


def _unchecked(entry: Unchecked) -> UncheckedRow:
    why = entry.why if entry.why.startswith("first cause: ") else f"why: {entry.why}"
    return UncheckedRow(prose(entry.what), prose(why), prose(entry.next_step or ""))


def _allowed(entry: Allowed, places: Callable[[Location], Markdown]) -> AllowedRow:
    return AllowedRow(
        code(entry.rule),
        places(entry.location),
        prose(entry.reason),
        prose(entry.until or ""),
        prose(entry.owner or ""),
    )


def _change(change: ObjectChange) -> ChangeRow:
    sign = Markdown(_SIGNS.get(change.action, "~"))
    return ChangeRow(sign, prose(change.kind), code(change.name), prose(change.detail))


def _access(difference: Difference) -> AccessRow:
    return AccessRow(
        prose(difference.who),
        code(difference.name),
        prose(", ".join(difference.actions)),
        prose(difference.before),
        prose(difference.after),
    )


def _kinds(changes: Sequence[ObjectChange]) -> list[Markdown]:
    """2 tables, 1 policy: in the order of the changes."""
    numbers = list(Counter(change.kind for change in changes).items())
    kinds = [counted(number, kind) for kind, number in numbers[:_MOST_KINDS]]
    others = sum(number for _, number in numbers[_MOST_KINDS:])
    return [words(kind) for kind in ([*kinds, counted(others, "other")] if others else kinds)]


def _places(locations: Sequence[Location]) -> Callable[[Location], Markdown]:
    """file.sql:12, with its folder only where two folders have a file of that name."""
    paths = {location.path for location in locations}
    names = Counter(map(file_name, paths))

    def place(location: Location) -> Markdown:
        name = file_name(location.path)
        name = name if names[name] == 1 else location.path
        line = "" if about_the_file(location) else f":{location.start_line}"
        return code(name[-(LONGEST_CODE - len(line)) :] + line)

    return place
