from __future__ import annotations

import re

import pytest
from hypothesis import given

from pgassay.errors import UsageError
from pgassay.github.markers import (
    FindingMarker,
    Marker,
    ReviewMarker,
    SummaryMarker,
    read,
    usable_fingerprint,
    usable_id,
    usable_rule,
    written,
)
from tests.render.hostile import nasty, often

from .changes import HEAD

FINDING = FindingMarker("a.b-c_1", "0123456789abcdef", "missing_rls", "open", "fedcba9876543210")
ALL: list[Marker] = [FINDING, SummaryMarker("default", HEAD, "fedcba9876543210"), ReviewMarker("default", HEAD)]


@pytest.mark.parametrize("marker", ALL)
@pytest.mark.parametrize("rest", ["", "\nbody", "\r\nbody as a browser sends it"])
def test_what_is_written_is_read(marker: Marker, rest: str) -> None:
    assert read(f"{written(marker)}{rest}") == marker


def test_fields_of_a_later_version_are_left_aside() -> None:
    assert read(f"{written(FINDING)[:-4]} later=1 -->\n") == FINDING


@pytest.mark.parametrize("before", [" ", "\n", "> ", "`", "```\n", "a <!-- x -->", "\ufeff"])
def test_a_marker_stands_at_the_beginning_or_is_none(before: str) -> None:
    assert read(f"{before}{written(FINDING)}\n") is None


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<!-- pgassay:finding -->\n",
        "<!-- pgassay:finding id=default -->\n",
        "<!-- pgassay:nonsense id=default head=a text=b -->\n",
        f"{written(FINDING)} and more\n",
        written(FINDING).replace("pgassay", "PGASSAY"),
        written(FINDING).replace(" text", "  text"),
    ],
)
def test_anything_else_is_no_marker(body: str) -> None:
    assert read(body) is None


@often
@given(nasty, nasty)
def test_nothing_from_a_report_ends_or_changes_a_marker(fingerprint: str, rule: str) -> None:
    marker = FindingMarker("default", usable_fingerprint(fingerprint), usable_rule(rule), "open", "0")
    assert "\n" not in written(marker)
    assert written(marker).index("-->") == len(written(marker)) - 3
    assert read(written(marker)) == marker


def test_our_own_fingerprints_stay_and_others_become_alike() -> None:
    assert usable_fingerprint("0123456789abcdef") == "0123456789abcdef"
    others = {usable_fingerprint(other) for other in ("", "x", "0123456789ABCDEF", "0123456789abcdef\n", "\udcff")}
    assert len(others) == 5
    assert all(re.fullmatch("[0-9a-f]{16}", other) for other in others)


@pytest.mark.parametrize("id", ["", "two words", "a-->", "ä", "x" * 51, "a\n"])
def test_an_id_that_cannot_stand_in_a_marker_is_told(id: str) -> None:
    with pytest.raises(UsageError, match="use up to 50 letters"):
        usable_id(id)
    assert usable_id("shop-2.db_a") == "shop-2.db_a"
