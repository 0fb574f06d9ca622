from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec.structs import replace

from pgassay.model import Allowed, Location, ObjectChange, Relationship, Report, Unchecked
from pgassay.render import render
from pgassay.render.access import differences
from pgassay.render.escape import LONGEST_CODE, LONGEST_SENTENCE, code, prose
from pgassay.render.markdown import LONGEST
from pgassay.render.visible import visible

from .hostile import ATTACKS, everywhere, nasty, often, reports, sometimes
from .reports import BLOCKED, CASCADE, PAGES, report

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OURS = re.compile(r"\s*(<details( open)?><summary>[^<>]*</summary>|</details>|<br>|</?code>)\s*")
BLOCKS = {"heading", "paragraph", "inline", "html_block", "bullet_list", "list_item"}
BLOCKS |= {"fence", "table", "thead", "tbody", "tr", "th", "td"}
INLINE = {"text", "code_inline", "html_inline", "link_open", "link_close"}
DRAWN = re.compile(r'  "[\w. -]+" (\|\||\|o)--(o\{|o\|) "[\w. -]+" : "[\w. ,-]+"')
# What GitHub turns into a mention, a reference, a link or a picture after Markdown is done.
FIRES = re.compile(r"@\w|#\d|\bGH-\d|://|\bwww\.|:[\w+-]+:|\w@\w", re.IGNORECASE)


def inlines(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from token.children or ()


def words(tokens: list[Token]) -> str:
    """What GitHub looks at for mentions and the like: text outside code."""
    pieces: list[str] = []
    inside = False
    for token in inlines(tokens):
        if token.type == "html_inline" and "code>" in token.content:
            inside = not token.content.startswith("</")
        pieces.append(token.content if token.type == "text" and not inside else "\0")
    pieces += [html.unescape(token.content) for token in tokens if token.type == "html_block"]
    return "\0".join(pieces)


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_means_nothing(attack: str) -> None:
    check_that_nothing_means_anything(everywhere(attack))


@sometimes
@given(reports())
def test_nothing_from_outside_means_anything(report: Report) -> None:
    check_that_nothing_means_anything(report)


def check_that_nothing_means_anything(report: Report) -> None:
    tokens = PARSER.parse(render(report, "markdown"))
    assert {token.type.removesuffix("_open").removesuffix("_close") for token in tokens} <= BLOCKS
    assert {token.type for token in inlines(tokens)} <= INLINE
    for token in [*tokens, *inlines(tokens)]:
        if token.type in ("html_block", "html_inline"):
            assert OURS.fullmatch(token.content), token.content
        if token.type == "link_open":
            assert str(token.attrs["href"]).startswith("https://")
    assert not FIRES.search(words(tokens))
    assert sum(token.type == "heading_open" for token in tokens) == 1
    drawn = [token for token in tokens if token.type == "fence"]
    assert len(drawn) == bool(report.schema_change and report.relationships)
    for token in drawn:
        assert token.info == "mermaid"
        first, *lines = token.content.splitlines()
        assert first == "erDiagram"
        assert all(DRAWN.fullmatch(line) for line in lines), lines
    changed = differences(report.access)
    headers = bool(report.findings) + bool(report.schema_change) + bool(changed)
    rows = len(report.findings) + len(report.schema_change) + len(changed)
    assert sum(token.type == "tr_open" for token in tokens) == headers + rows
    assert sum(token.type == "td_open" for token in tokens) == 3 * rows + 2 * len(changed)
    assert sum(token.type == "list_item_open" for token in tokens) == len(report.unchecked) + len(report.allowed)


def code_of(tokens: list[Token]) -> str:
    """The one piece of code in the text, written with backticks or as an element."""
    content = "".join(
        f"<code>{token.content}</code>" if token.type == "code_inline" else token.content for token in inlines(tokens)
    )
    assert content.count("<code>") == content.count("</code>") == 1
    return content[content.index("<code>") + 6 : content.index("</code>")]


@pytest.mark.parametrize("frame", ["a {} b", "| x | y |\n|---|---|\n| {} | z |", "- {}"])
@often
@given(name=nasty.filter(str.strip).map(lambda name: name.replace("code>", "")))
def test_code_shows_the_name_itself(frame: str, name: str) -> None:
    expected = visible(name if len(name) <= LONGEST_CODE else name[: LONGEST_CODE - 1] + "…")
    assert code_of(PARSER.parse(frame.format(code(name)))) == expected


@often
@given(nasty.filter(lambda name: "`" not in name))
def test_prose_shows_the_words_themselves(sentence: str) -> None:
    tokens = PARSER.parse(f"x {prose(sentence)}")
    seen = "".join(token.content for token in inlines(tokens)).replace("\u200b", "")
    expected = "x " + visible(re.sub(r"\s*\n\s*", " ", sentence)).strip()
    assert seen.split() == expected.split()


def test_rule_is_linked_to_its_page_only_over_https() -> None:
    address = f"{PAGES}/cascade/cascading_delete.md"
    assert f"[`cascading_delete`]({address})" in render(BLOCKED, "markdown")
    for url in ("javascript:alert(1)", "https://a.example/) [x](y", "https://a.example/|", "http://a.example"):
        output = render(report(findings=(replace(CASCADE, url=url),)), "markdown")
        assert "· `cascading_delete` |" in output
        assert "](" not in output


def test_folder_is_named_where_two_files_share_a_name() -> None:
    twins = [replace(CASCADE, location=Location(path, 3, 3, 1, 2)) for path in ("a/1.sql", "b/1.sql", "b/2.sql")]
    output = render(report(findings=tuple(twins)), "markdown")
    assert re.findall(r"^\| ⛔ \| (\S+) \|", output, re.MULTILINE) == ["`a/1.sql:3`", "`b/1.sql:3`", "`2.sql:3`"]


def test_what_was_not_judged_stands_open_when_the_run_is_incomplete() -> None:
    gap = Unchecked("the policies", "the server stopped", essential=True)
    assert "<details open><summary>Not checked: 1 thing" in render(report(unchecked=(gap,)), "markdown")
    other = replace(gap, essential=False)
    assert "<details><summary>Not checked: 1 thing" in render(report(unchecked=(other,)), "markdown")


@pytest.mark.parametrize("filling", ["a sentence of a few words", "`a|@b`" * 50, "@|" * 5000, "`" * 9999])
def test_length_is_bounded(filling: str) -> None:
    location = Location(f"db/{filling}.sql", 3, 3, 1, 2)
    output = render(
        report(
            findings=tuple(replace(CASCADE, message=filling, location=location) for _ in range(3000)),
            allowed=(Allowed("missing_rls", location, filling, filling, filling),) * 3000,
            unchecked=(Unchecked(filling, filling, filling),) * 3000,
            schema_change=(ObjectChange("added", "table", filling, filling),) * 3000,
            relationships=tuple(
                Relationship(f"{n}{filling}", (filling,) * 30, f"{n}{filling}", filling) for n in range(3000)
            ),
            base_ref=filling,
            commit=filling,
        ),
        "markdown",
    )
    assert len(output) <= LONGEST
    rows = len(re.findall(r"^\| ⛔ \|", output, re.MULTILINE))
    assert rows
    assert f"{3000 - rows} more findings did not fit here" in output
    assert len(output) > LONGEST / 2


def test_whole_sentences_up_to_the_limit_are_kept() -> None:
    assert prose("a" * LONGEST_SENTENCE) == "a" * LONGEST_SENTENCE
    assert len(prose("a" * LONGEST_SENTENCE * 2)) == LONGEST_SENTENCE
    assert prose("word " * 10 + f"`{'a' * LONGEST_SENTENCE}` gone").endswith("…")
