"""A page is read whole or refused with one sentence that says what is missing."""

from __future__ import annotations

import pytest

from pgassay.catalogue.page import read_page
from pgassay.errors import CatalogueError
from pgassay.model import Example, Stage

from .rules import PAGE


def refusal(page: str) -> str:
    with pytest.raises(CatalogueError) as refused:
        read_page(page, "rules/x.md")
    return str(refused.value)


def without(part: str, page: str = PAGE) -> str:
    assert part in page
    return page.replace(part, "", 1)


def with_front(line: str) -> str:
    return PAGE.replace("since: 0.1.0\n", f"since: 0.1.0\n{line}\n")


def test_a_page_in_parts() -> None:
    page = read_page(PAGE, "rules/x.md")
    assert page.front.stage is Stage.STATIC
    assert (page.front.severity, page.front.severity_when_run_once, page.front.since) == ("warning", None, "0.1.0")
    assert page.title == "Blue table"
    assert page.message == "The table `{table}` is blue."
    assert page.seen == "it has {columns}"
    assert page.instead == "`{better}`"
    bad, good = page.examples
    assert bad == Example("bad", "sql", "create table blue_sky ();  -- flagged\n", 17)
    assert PAGE.split("\n")[bad.line - 1] == "create table blue_sky ();  -- flagged"
    assert PAGE.split("\n")[good.line - 1] == "create table sky ();"


def test_sentences_of_a_quote_that_may_be_left_out_stay_on_lines_of_their_own() -> None:
    page = PAGE.replace("> Seen: it has {columns}\n", "> Seen: it has {columns}\n> and more,\n>\n> much more\n")
    assert read_page(page, "x.md").seen == "it has {columns}\nand more,\nmuch more"


def test_a_quote_may_have_the_message_only() -> None:
    page = read_page(without("> Instead: `{better}`\n", without("> Seen: it has {columns}\n")), "x.md")
    assert (page.seen, page.instead) == (None, None)


def test_values_of_the_front_matter() -> None:
    front = read_page(
        with_front("severity_when_run_once: off\nhazard: colour\nonly_new: true\nenvironment: postgres\nlayout: plain"),
        "x.md",
    ).front
    assert front.severity_when_run_once == "off", "YAML reads a bare off as false"
    assert (front.hazard, front.only_new, front.environment, front.layout) == ("colour", "true", "postgres", "plain")


def test_presets_in_the_front_matter() -> None:
    front = read_page(
        with_front(
            "strict: off\nadvisor: rls_disabled_in_public\nevery_preset: true\nsettings:\n  cascade: {protected: [a]}"
        ),
        "x.md",
    ).front
    assert (front.strict, front.advisor, front.every_preset) == ("off", "rls_disabled_in_public", "true")
    assert front.settings == {"cascade": {"protected": ["a"]}}


def test_a_comment_in_the_front_matter_is_no_title() -> None:
    assert read_page(with_front("# not the title"), "x.md").title == "Blue table"


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        ("", "no front matter; begin the file with `---`, `stage`, `severity`, `since`, `---`."),
        (
            PAGE.removeprefix("---\n"),
            "no front matter; begin the file with `---`, `stage`, `severity`, `since`, `---`.",
        ),
        ("---\n\n---\n# A\n", "front matter: Expected `object`, got `null`; see the table in CONTRIBUTING.md."),
        (
            without("stage: static\n"),
            "front matter: Object missing required field `stage`; see the table in CONTRIBUTING.md.",
        ),
        (
            with_front("colour: blue"),
            "front matter: Object contains unknown field `colour`; see the table in CONTRIBUTING.md.",
        ),
        (
            PAGE.replace("static", "statik"),
            "front matter: Invalid enum value 'statik' - at `$.stage`; see the table in CONTRIBUTING.md.",
        ),
        (
            PAGE.replace("severity: warning", "severity: loud"),
            "front matter: Invalid enum value 'loud' - at `$.severity`; see the table in CONTRIBUTING.md.",
        ),
        (
            with_front("layout: goose"),
            "front matter: Invalid enum value 'goose' - at `$.layout`; see the table in CONTRIBUTING.md.",
        ),
        (with_front("a: b: c"), "front matter: mapping values are not allowed"),
        (without("# Blue table\n"), "no title; begin the text with `# Name of the rule`."),
        (
            PAGE.replace("\n> ", "\n").replace("\n>\n", "\n\n"),
            "no quote; put what the reviewer says under the title as `> Message with `{fact}`.`",
        ),
        (
            without("> The table `{table}` is blue.\n>\n"),
            "the quote has no message before `Seen:` and `Instead:`.",
        ),
        (without("sql bad"), "no bad example; add a fenced block that begins with ```sql bad."),
        (without("sql good"), "no good example; add a fenced block that begins with ```sql good."),
    ],
)
def test_what_is_refused(page: str, sentence: str) -> None:
    assert refusal(page).startswith(f"rules/x.md: {sentence}")


def test_an_example_of_an_unknown_kind() -> None:
    page = PAGE + "\n```sql goood\nselect 1;\n```\n"
    line = page.split("\n").index("```sql goood") + 1
    assert refusal(page) == f"rules/x.md:{line}: an example is base, bad or good, this one is goood; correct it."


def test_a_bad_example_that_has_nothing_to_report() -> None:
    page = PAGE.replace("  -- flagged", "")
    line = page.split("\n").index("```sql bad") + 1
    assert refusal(page) == (
        f"rules/x.md:{line}: a bad example without a line to report; end that line with `-- flagged`."
    )


def test_a_block_without_a_kind_is_prose() -> None:
    assert len(read_page(PAGE + "\n```sql\nselect 1;\n```\n\n```text\nx\n```\n", "x.md").examples) == 2
