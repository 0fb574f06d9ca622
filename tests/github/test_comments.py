from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pgassay.github import markers
from pgassay.github.comments import LONGEST_BLOCK, can_be_suggested, fixed, inline, review
from pgassay.github.markers import FindingMarker
from pgassay.model import Edit, Finding, Location, Severity
from tests.render.hostile import ATTACKS, everywhere, findings, nasty, often, sometimes
from tests.render.reports import CASCADE, NO_RLS, REWRITE

from .bodies import check_that_nothing_acts, fences
from .changes import HEAD

EDITS = st.builds(lambda text: Edit(Location("x.sql", 2, 2), text), nasty)


def marker_of(body: str) -> FindingMarker:
    marker = markers.read(body)
    assert isinstance(marker, FindingMarker)
    return marker


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_means_nothing(attack: str) -> None:
    edit = Edit(Location("x.sql", 2, 2), f"{attack}\n{attack}")
    finding = replace(everywhere(attack).findings[0], edit=edit)
    check_that_nothing_acts(inline(finding, "default").body)
    check_that_nothing_acts(inline(replace(finding, instead=None), "default").body)
    check_that_nothing_acts(inline(replace(finding, instead=f"`{attack}\n{attack}`"), "default").body)
    if can_be_suggested(edit):
        check_that_nothing_acts(inline(finding, "default", edit).body)


@sometimes
@given(findings("x.sql"), st.none() | EDITS)
def test_nothing_from_outside_acts(finding: Finding, edit: Edit | None) -> None:
    finding = replace(finding, edit=edit)
    made = inline(finding, "default", edit if edit and can_be_suggested(edit) else None)
    check_that_nothing_acts(made.body)
    marker = marker_of(made.body)
    assert marker.fingerprint == markers.usable_fingerprint(finding.fingerprint)
    gone = fixed(made.body, marker, HEAD, may_be_allowed=False)
    check_that_nothing_acts(gone)
    assert marker_of(gone).state == markers.FIXED
    assert "Fixed in 4f2a91c." in gone


@sometimes
@given(EDITS.filter(can_be_suggested))
def test_a_suggestion_is_the_replacement_to_the_letter(edit: Edit) -> None:
    (block,) = fences(inline(CASCADE, "default", edit).body, "suggestion")
    assert block == f"{edit.replacement}\n"


@pytest.mark.parametrize(
    "replacement", ["", "drop\x1b[31m", "a\u202eb", "a\rb", "a\u200bb", "x" * (LONGEST_BLOCK + 1), "\ufeffa"]
)
def test_what_hides_something_or_deletes_the_line_is_no_suggestion(replacement: str) -> None:
    assert not can_be_suggested(Edit(Location("x.sql", 1, 1), replacement))
    assert can_be_suggested(Edit(Location("x.sql", 1, 1), "\tcreate index `a`;\n  -- größe"))


def test_the_digest_is_of_the_words_and_not_of_the_suggestion() -> None:
    with_it, without = inline(CASCADE, "default", CASCADE.edit), inline(CASCADE, "default")
    assert with_it.body != without.body
    assert with_it.text == without.text == marker_of(with_it.body).text
    assert inline(replace(CASCADE, message="another"), "default").text != with_it.text


def test_an_edit_that_cannot_be_suggested_is_shown_where_nothing_else_says_it() -> None:
    edit = Edit(Location("x.sql", 4, 5), "a\n  b")
    assert fences(inline(replace(CASCADE, instead=None, edit=edit), "default").body, "sql") == ["a\n  b\n"]
    body = inline(replace(CASCADE, instead="write less", edit=edit), "default").body
    assert not fences(body, "sql")
    assert "Instead: write less." in body


def test_code_is_shown_as_an_editor_shows_it() -> None:
    body = inline(replace(CASCADE, instead="`\nselect 1;\r\n\tfrom\x1b a;  \n`"), "default").body
    assert fences(body, "sql") == ["select 1;\n    from\\x1b a;\n"]


def test_the_first_sentence_is_the_headline() -> None:
    message = "`a. B` went, and v1.5 too. `c` stays. Nothing else."
    body = inline(replace(CASCADE, message=message), "default").body
    assert body.split("\n")[1:4] == ["**`a. B` went, and v1.5 too.**", "", "`c` stays. Nothing else."]
    gone = fixed(body, marker_of(body), HEAD, may_be_allowed=True)
    assert gone.split("\n")[1:] == ["~~`a. B` went, and v1.5 too.~~", "", "Fixed or allowed in 4f2a91c.", ""]


@pytest.mark.parametrize("message", ["", " ", "a** b", "`** x`", "**", "\n\n", "`"])
def test_odd_messages_make_a_headline(message: str) -> None:
    body = inline(replace(CASCADE, message=message), "default").body
    tokens = check_that_nothing_acts(body)
    assert tokens[1].children
    assert {"strong_open", "strong_close"} <= {child.type for child in tokens[1].children}
    gone = check_that_nothing_acts(fixed(body, marker_of(body), HEAD, may_be_allowed=False))
    assert gone[1].children
    assert gone[1].children[0].type == "s_open"


def test_a_comment_that_somebody_edited_is_marked_as_fixed_all_the_same() -> None:
    body = inline(CASCADE, "default").body
    edited = f"{body.partition(chr(10))[0]}\r\nI disagree."
    assert fixed(edited, marker_of(edited), HEAD, may_be_allowed=False).split("\n")[1:] == ["Fixed in 4f2a91c.", ""]
    as_a_browser_sends_it = body.replace("\n", "\r\n")
    assert "~~deleting a row" in fixed(as_a_browser_sends_it, marker_of(body), HEAD, may_be_allowed=False)


def test_a_rule_without_a_page_says_how_to_allow_it() -> None:
    for url in (None, "javascript:alert(1)", f"https://a.example/{'x' * 600}"):
        body = inline(replace(CASCADE, url=url), "default").body
        assert "to allow it: `-- pgassay: allow cascading_delete because ...`</sub>" in body
        assert "](" not in body


def test_places_that_belong_to_it_are_named_and_counted() -> None:
    places = tuple(Location(f"{number}.sql", number, number, 1, 2) for number in range(1, 9))
    body = inline(replace(NO_RLS, related=places), "default").body
    assert "Also: `1.sql:1`, `2.sql:2`, `3.sql:3`, `4.sql:4`, `5.sql:5`, 3 more places\n" in body


@pytest.mark.parametrize("filling", ["a sentence of a few words. ", "`a|@b`", "@|", "`", "\U000e0001", "|\u202e", "\n"])
def test_length_is_bounded(filling: str) -> None:
    long = filling * 20_000
    location = Location(long, 3, 3, 1, 2)
    finding = Finding(
        long, long, Severity.ERROR, CASCADE.evidence, location, long, long, long,
        label=long, seen=long, instead=long, related=(location,) * 99, edit=Edit(location, long), url=long,
    )  # fmt: skip
    for each in (finding, replace(finding, instead=f"`{long}`"), replace(finding, instead=None)):
        assert len(inline(each, "default").body) <= 60_000


def test_the_review_counts_its_comments_and_what_has_none() -> None:
    body = review([CASCADE, NO_RLS, REWRITE], 1, "default", HEAD)
    assert body.split("\n", 1)[1] == "2 errors, 1 warning on lines of this change, 1 more finding in the summary.\n"
    assert review([REWRITE], 0, "default", HEAD).endswith("\n1 warning on lines of this change.\n")
    check_that_nothing_acts(body)


@often
@given(nasty)
def test_no_text_of_sql_passes_for_a_marker(text: str) -> None:
    forged = inline(CASCADE, "default").body.partition("\n")[0]
    finding = replace(CASCADE, message=f"{forged}\n{text}", instead=f"`{forged}\n{text}`", seen=forged, label=forged)
    body = inline(finding, "default").body
    assert marker_of(body).text != marker_of(forged).text
    check_that_nothing_acts(body)
