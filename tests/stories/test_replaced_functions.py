"""`create or replace function`: what it leaves beside itself, and what it loses."""

from __future__ import annotations

import pytest

from tests.stories.story import Teller

BASE = "20250101000000_a.sql"
CHANGE = "20260101000000_b.sql"
OWN = "create function secret() returns int language sql security definer set search_path = '' as 'select 1';\n"
CLOSED = "revoke execute on function secret() from public, anon, authenticated;\n"


def test_what_is_lost_is_one_finding(story: Teller) -> None:
    change = "create or replace function secret() returns int language sql security definer as 'select 2';\n"
    told = story(merged={BASE: OWN + CLOSED}, proposed={CHANGE: change})
    assert [finding.rule for finding in told.report.findings if "search_path" in finding.message] == [
        "replace_drops_settings"
    ]


def test_what_a_later_file_gives_back_is_no_loss(story: Teller) -> None:
    change = "create or replace function secret() returns int language sql security definer as 'select 2';\n"
    later = "alter function secret() set search_path = '';\n"
    told = story(merged={BASE: OWN + CLOSED}, proposed={CHANGE: change, "20260102000000_c.sql": later})
    assert "replace_drops_settings" not in [finding.rule for finding in told.report.findings]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("a int", "a int, b int default 0", True),
        ("a int", "a bigint", True),
        ("a int, b int", "a int", True),
        ("a int", "label text", False),
        ("", "a int", False),
        ("", "a int default 0", True),
        ("a int", "a int", False),
    ],
)
def test_overloads_that_look_like_an_old_version(story: Teller, old: str, new: str, told: bool) -> None:
    text = "create or replace function f({}) returns int language sql set search_path = '' as 'select 1';\n"
    found = story(merged={BASE: text.format(old)}, proposed={CHANGE: text.format(new)}).report.findings
    assert ("replace_adds_overload" in [finding.rule for finding in found]) is told


def test_an_old_one_that_the_change_drops(story: Teller) -> None:
    text = "create or replace function f({}) returns int language sql set search_path = '' as 'select 1';\n"
    change = text.format("a int, b int") + "drop function f(int);\n"
    found = story(merged={BASE: text.format("a int")}, proposed={CHANGE: change}).report.findings
    assert "replace_adds_overload" not in [finding.rule for finding in found]
