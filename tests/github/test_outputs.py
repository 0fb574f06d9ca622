from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgassay.github.outputs import output_lines, outputs
from pgassay.model import Unchecked
from tests.render.hostile import nasty, often
from tests.render.reports import BLOCKED, report


def understood(text: str) -> dict[str, str]:
    """As actions/runner reads the file (FileCommandManager.cs): name=value, or name<<delimiter and lines up to it."""
    values: dict[str, str] = {}
    lines = text.split("\n")
    while lines and (line := lines.pop(0)):
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            name, _, value = line.partition("=")
        else:
            name, _, delimiter = line.partition("<<")
            taken = []
            while (line := lines.pop(0)) != delimiter:
                taken.append(line)
            value = "\n".join(taken)
        values[name] = value
    assert lines == []
    return values


def test_outputs_of_a_blocked_change() -> None:
    assert outputs(BLOCKED, "/tmp/pgassay/report.json") == {
        "verdict": "block",
        "incomplete": "false",
        "errors": "2",
        "warnings": "1",
        "notes": "0",
        "report": "/tmp/pgassay/report.json",
    }


def test_what_was_not_checked_shows() -> None:
    given = report(unchecked=(Unchecked("all", "the server died", essential=True),))
    assert outputs(given, "r.json")["incomplete"] == "true"


@often
@given(st.dictionaries(st.sampled_from(["verdict", "report", "errors"]), nasty))
def test_every_value_arrives_as_it_is(values: dict[str, str]) -> None:
    assert understood(output_lines(values)) == values


@pytest.mark.parametrize("value", ["a\nverdict=pass", "x<<EOF", "=", "a\n", ""])
def test_no_value_sets_another(value: str) -> None:
    assert understood(output_lines({"report": value, "verdict": "block"})) == {"report": value, "verdict": "block"}


def test_plain_values_stand_on_one_line() -> None:
    assert output_lines({"verdict": "pass", "report": "/tmp/a b.json"}) == "verdict=pass\nreport=/tmp/a b.json\n"
    assert output_lines({"report": "a:b"}, "token") == "report<<token\na:b\ntoken\n"
