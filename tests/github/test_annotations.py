from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from pgassay.github.annotations import LONGEST, MOST, annotate, notice, quoted
from pgassay.model import Evidence, Finding, Location, Report, Severity
from tests.render.hostile import ATTACKS, everywhere, nasty, often, reports, sometimes
from tests.render.reports import BLOCKED, CASCADE, report


class Command(Struct, frozen=True):
    name: str
    properties: dict[str, str]
    message: str


def understood(line: str) -> Command | None:
    """As actions/runner reads a line of the log (ActionCommand.cs, TryParseV2)."""
    line = line.strip()
    if not line.startswith("::") or "::" not in line[2:]:
        return None
    head, _, message = line[2:].partition("::")
    name, _, listed = head.partition(" ")
    pairs = (pair.split("=", 1) for pair in listed.split(",") if "=" in pair)
    return Command(name, {key.strip(): unescaped(value, ":,") for key, value in pairs}, unescaped(message))


def unescaped(text: str, more: str = "") -> str:
    for sign in ("\r", "\n", *more, "%"):
        text = text.replace(f"%{ord(sign):02X}", sign)
    return text


def commands(given: Report) -> list[Command]:
    lines = annotate(given)
    assert all(line.encode() and "\n" not in line and "\r" not in line for line in lines)
    found = [command for line in lines if (command := understood(line))]
    assert len(found) == len(lines)
    return found


def test_findings_become_annotations_worst_first() -> None:
    found = commands(BLOCKED)
    assert [(command.name, command.properties["title"]) for command in found] == [
        ("error", "pgassay: missing_rls"),
        ("error", "pgassay: cascading_delete"),
        ("warning", "pgassay: table_rewrite"),
    ]
    assert found[1].properties == {
        "file": CASCADE.location.path,
        "line": "4",
        "endLine": "4",
        "title": "pgassay: cascading_delete",
    }
    assert found[1].message == (
        "deleting a row of users now deletes rows of 4 tables, payments among them\n"
        "instead: references users (id) on delete restrict"
    )


def many(number: int, severity: Severity) -> list[Finding]:
    return [replace(CASCADE, severity=severity, fingerprint=f"{n:016x}", subject=str(n)) for n in range(number)]


@pytest.mark.parametrize(("number", "last"), [(MOST, None), (MOST + 1, "2 more errors"), (40, "31 more errors")])
def test_no_more_than_a_runner_keeps(number: int, last: str | None) -> None:
    found = commands(report(findings=tuple(many(number, Severity.ERROR) + many(3, Severity.NOTE))))
    assert [command.name for command in found] == ["error"] * MOST + ["notice"] * 3
    if last:
        assert found[MOST - 1].message == f"{last}; the summary of the job has them all"
    else:
        assert "more" not in found[MOST - 1].message


def test_the_best_known_come_first_within_a_level() -> None:
    read = [replace(finding, evidence=Evidence.TEXT) for finding in many(15, Severity.WARNING)]
    seen = replace(CASCADE, severity=Severity.WARNING, rule="drop_cascade", evidence=Evidence.OBSERVED)
    assert commands(report(findings=(*read, seen)))[0].properties["title"] == "pgassay: drop_cascade"


def test_a_finding_about_a_file_names_no_line() -> None:
    about = replace(CASCADE, location=Location("db/1,2:3%.sql", 1, 1))
    (command,) = commands(report(findings=(about,)))
    assert command.properties == {"file": "db/1,2:3%.sql", "title": "pgassay: cascading_delete"}


@sometimes
@given(reports())
def test_nothing_from_outside_makes_another_command(given: Report) -> None:
    found = commands(given)
    assert {command.name for command in found} <= {"error", "warning", "notice"}
    assert all(set(command.properties) <= {"file", "line", "endLine", "title"} for command in found)
    assert len(found) == min(len(given.findings), MOST)


@pytest.mark.parametrize("attack", [*ATTACKS, "%0A::error::x", "%", "a,line=1", "x::y", "%3A%2C"])
def test_an_attack_stays_in_its_place(attack: str) -> None:
    for command in commands(everywhere(attack)):
        assert set(command.properties) == {"file", "line", "endLine", "title"}
        assert command.properties["line"] == "2"
        assert command.properties["title"].startswith("pgassay: ")


@pytest.mark.parametrize("filling", ["a ", "%", "`a`", "\n"])
def test_messages_are_as_long_as_a_runner_keeps(filling: str) -> None:
    long = filling * 9_000
    finding = replace(CASCADE, message=long, instead=long, rule=long)
    for each in (finding, replace(finding, message="short")):
        (command,) = commands(report(findings=(each,)))
        assert len(command.message) <= LONGEST
        assert len(command.properties["title"]) <= 255
    assert len(unescaped(notice(long).partition("title=pgassay::")[2])) <= LONGEST


def test_a_notice_is_about_the_run() -> None:
    assert notice("50 % done\n::error::x") == "::notice title=pgassay::50 %25 done\\n::error::x"


@often
@given(st.lists(nasty, max_size=6).map("\n".join))
def test_a_quoted_text_gives_no_command(text: str) -> None:
    """A runner acts on nothing until it sees the token again."""
    lines = quoted(text).split("\n")
    opening = understood(lines[0])
    assert opening
    assert opening.name == "stop-commands"
    assert lines[-1] == f"::{opening.message}::"
    assert all(opening.message not in line for line in lines[1:-1])
    assert "\n".join(lines[1:-1]) in (text, text.removesuffix("\n"))


def test_tokens_are_not_to_be_guessed() -> None:
    assert quoted("a") != quoted("a")
    assert quoted("a\n", "token") == "::stop-commands::token\na\n::token::"
