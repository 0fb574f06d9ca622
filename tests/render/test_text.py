from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pgassay.model import Counts, Finding, Location, Report, Unchecked, Verdict
from pgassay.render import render
from pgassay.render.source_line import WIDTH, shown

from .hostile import ATTACKS, everywhere, nasty, often, reports, sometimes
from .reports import BLOCKED, CASCADE, LINT, PASSED, report

BIDI_CONTROLS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def lines_of(finding: Finding, source: str) -> list[str]:
    return render(report(findings=(finding,), sources={finding.location.path: source}), "text").split("\n")


def at(start_line: int, start: int | None, end_line: int, end: int | None, **changes: object) -> Finding:
    return replace(CASCADE, location=Location("a.sql", start_line, end_line, start, end), **changes)


def cells(text: str) -> int:
    """How far a terminal's cursor moves, for the characters that these tests use."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_does_not_act(attack: str) -> None:
    check_that_nothing_acts(everywhere(attack))


@sometimes
@given(reports())
def test_nothing_from_outside_acts_on_the_terminal_or_the_runner(report: Report) -> None:
    check_that_nothing_acts(report)


def check_that_nothing_acts(report: Report) -> None:
    output = render(report, "text")
    for character in output.replace("\n", ""):
        assert unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp"), repr(character)
        assert unicodedata.bidirectional(character) not in BIDI_CONTROLS, repr(character)
    assert "##[" not in output
    assert not [line for line in output.split("\n") if line.strip().startswith("::")]
    assert output.split("\n")[-2] in ("passed", "passed with comments", "blocked", "could not check")


@sometimes
@given(reports())
def test_colours_change_nothing_but_colours(report: Report) -> None:
    coloured = re.sub(r"\x1b\[[\d;]+m", "", render(report, "text", colour=True))
    assert [line.rstrip() for line in coloured.split("\n")] == render(report, "text").split("\n")


around = st.lists(
    st.sampled_from(
        ["\t", "\x1b", "\u202e", "\u8868", "\uff21", "e\u0301", "\U0001f418", "\u00e9", " ", "ab", "x" * 50]
    )
).map("".join)


@often
@given(before=around, after=around, label=st.none() | nasty)
def test_marker_stands_under_what_it_marks(before: str, after: str, label: str | None) -> None:
    start = len(before) + 1
    source = f"select 1;\n{before}TARGET{after}\nselect 2;"
    output = lines_of(at(2, start, 2, start + 6, label=label), source)
    row = next(index for index, line in enumerate(output) if "TARGET" in line)
    line, marker = output[row], output[row + 1]
    assert marker.index("^") == cells(line[: line.index("TARGET")])
    assert re.match(r" +\| +\^{6}(?!\^)", marker)
    assert cells(line) <= WIDTH + len(" 2 | ")


@often
@given(before=around, after=around)
def test_several_lines_begin_and_end_under_their_characters(before: str, after: str) -> None:
    source = f"{before}x;HEAD\n{after}TAIL ;"
    output = lines_of(at(1, len(before) + 3, 2, len(after) + 5), source)
    row = next(index for index, line in enumerate(output) if "HEAD" in line)
    assert output[row + 1].index("^") == cells(output[row][: output[row].index("HEAD")])
    assert output[row + 3].index("^") == cells(output[row + 2][: output[row + 2].index("TAIL") + 3])


@often
@given(line=nasty, start=st.integers(-3, 500), end=st.integers(-3, 500), repeat=st.integers(1, 20))
def test_a_marker_is_always_there(line: str, start: int, end: int, repeat: int) -> None:
    row = shown(line * repeat, start, end)
    assert 0 <= row.start < row.end <= max(WIDTH, 1) + 1


def test_tabs_reach_to_the_next_stop() -> None:
    assert shown("a\tb", 2, 3).text == "a   b"
    assert shown("a\tb", 2, 3).start == 4


def test_cut_never_parts_a_combining_character_from_its_base() -> None:
    line = "e\u0301" * 300
    for start in range(300, 320, 2):
        assert re.fullmatch(r"\.\.\.(e\u0301)+\.\.\.", shown(line, start, start + 2).text)


def test_marker_longer_than_the_window_ends_with_it() -> None:
    output = lines_of(at(1, 301, 1, 601), "a" * 300 + "b" * 300)
    row = next(index for index, line in enumerate(output) if "bbb" in line)
    assert len(output[row]) == WIDTH + len(" 1 | ")
    assert output[row + 1].count("^") == output[row].count("b")


@pytest.mark.parametrize(("count", "left_out"), [(5, 0), (6, 0), (7, 2), (100, 95)])
def test_middle_of_a_long_statement_is_left_out(count: int, left_out: int) -> None:
    source = "\n".join(f"line_{number}" for number in range(1, count + 1))
    output = lines_of(at(1, 1, count, len(f"line_{count}") + 1), source)
    assert sum("line_" in line for line in output) == count - left_out
    assert sum("more lines" in line for line in output) == bool(left_out)
    assert not left_out or any(line.endswith(f" | | ... {left_out} more lines") for line in output)


def test_windows_line_ends_are_not_shown() -> None:
    output = lines_of(at(2, None, 2, None, label=None), "select 1;\r\nselect 2;\r\n")
    assert output[3:5] == [" 2 | select 2;", "   | ^^^^^^^^^"]


@pytest.mark.parametrize("sources", [{}, {"a.sql": "only one line"}])
def test_place_without_source_keeps_its_label(sources: dict[str, str]) -> None:
    output = render(report(findings=(at(7, 3, 7, 9),), sources=sources), "text").split("\n")
    assert output[1:3] == ["  --> a.sql:7:3", "   = users -> clients -> sessions -> payments"]


def test_location_that_goes_on_below_the_file_is_cut_back() -> None:
    output = lines_of(at(1, 1, 9, 2, label="here"), "select 1,\n  2")
    assert output[3:6] == [" 1 | / select 1,", " 2 | |   2", "   | |___^ here"]


def test_file_is_named_alone_when_the_finding_is_about_it() -> None:
    output = lines_of(at(1, None, 1, None), "select 1;")
    assert output[1:3] == ["  --> a.sql", "   = users -> clients -> sessions -> payments"]
    assert "select 1;" not in "\n".join(output)


def test_advice_is_given_once_for_each_rule() -> None:
    output = render(replace(BLOCKED, findings=(CASCADE, CASCADE)), "text")
    assert output.count("= allow: -- pgassay: allow cascading_delete because ...") == 1


def test_clean_run_has_three_lines() -> None:
    assert len(render(PASSED, "text").splitlines()) == 3


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"migrations": Counts(23, 1, 1)}, "1 migration proposed on top of 23 merged, applied to PostgreSQL 17.4"),
        ({"migrations": Counts(0, 2, 2)}, "2 migrations proposed, applied to PostgreSQL 17.4 (supabase) in 0.4 s"),
        ({"migrations": Counts(3, 2, 1, 1)}, "merged, tried on PostgreSQL 17.4 (supabase) in 0.4 s: 1 of 2 applied"),
        ({"migrations": Counts(3, 2, 2, base_failed=1)}, "on top of 3 merged (1 did not apply), applied to"),
        ({"seconds": {"total": 71.8}}, "in 1 min 12 s"),
        ({"seconds": {"total": 0.0004}}, "in 0.01 s"),
        ({"migrations": Counts(3), "base_ref": "4f2a91c07b1f5d0c9e3b8a6d7f1e2c3b4a596877"}, "since 4f2a91c"),
        ({"migrations": Counts(3), "base_ref": None}, "no new migrations"),
        ({"migrations": Counts(3), "base_ref": None, "commit": None}, "no new migrations; --all reviews every file"),
        ({"migrations": Counts(), "base_ref": None}, "no migrations found"),
    ],
)
def test_first_closing_line(changes: dict[str, object], line: str) -> None:
    assert line in render(report(**changes), "text").split("\n")[0]


@pytest.mark.parametrize(
    ("verdict", "essential", "words"),
    [
        (Verdict.PASS, False, "passed"),
        (Verdict.COMMENT, False, "passed with comments"),
        (Verdict.BLOCK, False, "blocked"),
        (Verdict.PASS, True, "could not check"),
        (Verdict.COMMENT, True, "could not check"),
        (Verdict.BLOCK, True, "blocked"),
    ],
)
def test_verdict_is_the_last_line(verdict: Verdict, essential: bool, words: str) -> None:
    gap = Unchecked("the policies", "the server stopped", essential=essential)
    assert render(report(verdict=verdict, unchecked=(gap,)), "text").split("\n")[-2:] == [words, ""]


def test_unfinished_run_does_not_say_that_it_found_nothing() -> None:
    gap = Unchecked("the policies", "the server stopped", essential=True)
    assert "no findings" not in render(report(unchecked=(gap,)), "text")


def test_lint_never_says_that_nothing_was_left_unchecked() -> None:
    assert "unchecked" not in render(replace(LINT, findings=(), unchecked=()), "text")
