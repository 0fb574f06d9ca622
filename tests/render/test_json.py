from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from msgspec.structs import replace

from pgassay.model import Report
from pgassay.render import render
from pgassay.render.json import json_schema
from pgassay.render.visible import ACTING

from .hostile import ATTACKS, everywhere, reports, sometimes
from .reports import BLOCKED, REPORTS

VALIDATOR = Draft202012Validator(json_schema())


def test_schema_is_one() -> None:
    Draft202012Validator.check_schema(json_schema())
    assert {"$id", "title", "description", "$defs"} <= json_schema().keys()


@pytest.mark.parametrize("name", REPORTS)
def test_output_is_valid(name: str) -> None:
    VALIDATOR.validate(json.loads(render(REPORTS[name], "json")))


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_leaves_the_output_valid_and_inert(attack: str) -> None:
    check_that_it_is_valid_and_inert(everywhere(attack))


@sometimes
@given(reports())
def test_output_is_valid_and_inert_whatever_the_names(report: Report) -> None:
    check_that_it_is_valid_and_inert(report)


def check_that_it_is_valid_and_inert(report: Report) -> None:
    output = render(report, "json")
    VALIDATOR.validate(json.loads(output))
    output.encode()
    assert not ACTING.search(output.replace("\n", ""))
    assert "##[" not in output


@sometimes
@given(reports())
def test_strings_are_kept_as_they_are(report: Report) -> None:
    parsed = json.loads(render(report, "json"))
    for entry, finding in zip(parsed["findings"], report.findings, strict=True):
        for name in ("rule", "message", "subject", "seen", "instead", "label"):
            value = getattr(finding, name)
            assert entry[name] == (value and spelled_out(value))


def spelled_out(text: str) -> str:
    """Bytes of a file name that is not UTF-8 have no place in JSON."""
    return re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text)


def test_names_of_the_design_are_there() -> None:
    parsed: dict[str, Any] = json.loads(render(BLOCKED, "json"))
    assert parsed["version"] == 1
    assert parsed["verdict"] == "block"
    assert parsed["findings"][0].keys() >= {
        *("rule", "group", "severity", "evidence", "path", "start_line", "end_line", "message", "facts"),
        *("fingerprint", "edit"),
    }
    assert parsed["allowed"][0].keys() >= {"rule", "path", "start_line", "reason", "until"}
    assert parsed["unchecked"][0].keys() >= {"what", "why"}
    assert parsed["migrations"].items() >= {"base": 23, "proposed": 2, "applied": 2, "failed": 0}.items()
    assert parsed["server"].keys() == {"version", "provider", "environment"}
    assert parsed["findings"][0]["edit"] == {
        "path": "supabase/migrations/20260214093000_link_clients.sql",
        "start_line": 4,
        "end_line": 4,
        "replacement": "  user_id uuid not null references users (id) on delete restrict,",
        "safe": True,
    }


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        (("a", "b"), ["a", "b"]),
        (["a", 1], ["a", "1"]),
        (3, 3),
        (0.5, 0.5),
        (True, True),
        (None, None),
        (float("nan"), "nan"),
        ({"a": 1}, "{'a': 1}"),
    ],
)
def test_facts_keep_their_kind_where_json_has_it(fact: object, value: object) -> None:
    finding = replace(BLOCKED.findings[0], facts={"fact": fact})
    parsed = json.loads(render(replace(BLOCKED, findings=(finding,)), "json"))
    assert parsed["findings"][0]["facts"] == {"fact": value}
    VALIDATOR.validate(parsed)
