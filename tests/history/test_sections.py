from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgassay.history.sections import divide
from pgassay.model import Mode

GOOSE = """\
-- +goose Up
create table a ();
-- +goose StatementBegin
create function f() returns int language sql as $$ select 1; $$;
-- +goose StatementEnd
-- +goose Down
drop table a;
"""
DBMATE = """\
-- migrate:up
create table a ();

-- migrate:down
drop table a;
"""
SQL_MIGRATE = """\
-- +migrate Up
create table a ();
-- +migrate Down
drop table a;
"""


def parts(text: str) -> tuple[str, str]:
    sections = divide(text).sections
    return "".join(text[a:b] for a, b in sections.up), "".join(text[a:b] for a, b in sections.down)


@pytest.mark.parametrize(
    ("text", "runner"),
    [(GOOSE, "goose"), (DBMATE, "dbmate"), (SQL_MIGRATE, "sql_migrate")],
    ids=lambda value: value[:9],
)
def test_only_the_up_part_runs(text: str, runner: str) -> None:
    up, down = parts(text)
    assert divide(text).runner == runner
    assert "create table a" in up
    assert "drop table" not in up
    assert "drop table a" in down


@pytest.mark.parametrize("text", [GOOSE, DBMATE, SQL_MIGRATE], ids=["goose", "dbmate", "sql-migrate"])
def test_windows_line_ends_change_nothing(text: str) -> None:
    windows = text.replace("\n", "\r\n")
    assert parts(windows) == tuple(part.replace("\n", "\r\n") for part in parts(text))


@pytest.mark.parametrize(
    "text",
    [
        "-- +goose NO TRANSACTION\n-- +goose Up\ncreate index concurrently i on t (c);\n",
        "-- +goose Up\n-- +goose no transaction\ncreate index concurrently i on t (c);\n",
        "-- migrate:up transaction:false\ncreate index concurrently i on t (c);\n",
        "-- +migrate Up notransaction\ncreate index concurrently i on t (c);\n",
    ],
)
def test_a_file_may_opt_out_of_its_transaction(text: str) -> None:
    assert divide(text).mode is Mode.STATEMENT


@pytest.mark.parametrize(
    "text",
    [
        GOOSE,
        "-- migrate:up\nselect 1;\n-- migrate:down transaction:false\nselect 2;\n",
        "-- migrate:up transaction:true\nselect 1;\n",
        "-- +migrate Up\nselect 1;\n-- +migrate Down notransaction\n",
    ],
)
def test_the_way_back_does_not_decide_the_mode_of_the_way_up(text: str) -> None:
    assert divide(text).mode is Mode.TRANSACTION


@pytest.mark.parametrize(
    "text",
    [
        "create table a ();\n",
        "-- migrate data from the old table\nselect 1;\n",
        "select '\n  -- +goose Down\n';\n",
        "-- see -- +goose Up\nselect 1;\n",
        "-- +goose Upwards\nselect 1;\n",
        "",
    ],
)
def test_other_text_is_run_whole_and_by_hand(text: str) -> None:
    shape = divide(text)
    assert shape.sections.up == ((0, len(text)),)
    assert shape.sections.down == ()
    assert shape.runner is None


def test_comments_above_the_first_marker_belong_to_the_way_up() -> None:
    up, _ = parts("-- pgassay: allow missing_rls because internal\n-- +goose Up\ncreate table a ();\n")
    assert up.startswith("-- pgassay")


def test_markers_of_a_second_runner_are_only_comments() -> None:
    up, down = parts("-- +goose Up\nselect 1;\n-- migrate:down\nselect 2;\n")
    assert "select 2" in up
    assert down == ""


def test_several_ways_up_in_one_file_all_run() -> None:
    up, down = parts("-- migrate:up\nselect 1;\n-- migrate:down\nselect 2;\n-- migrate:up\nselect 3;\n")
    assert "select 1" in up
    assert "select 3" in up
    assert down == "-- migrate:down\nselect 2;\n"


lines = st.lists(
    st.sampled_from(
        "select 1;\n|-- +goose Up\n|-- +goose Down\r\n|-- migrate:up\n|-- migrate:down x:y\n|-- +migrate Up\n"
        "|-- +migrate Down\n|-- +goose NO TRANSACTION\n|\n|é|--|-- +goose".split("|")
    )
)


@given(lines.map("".join))
def test_no_character_is_lost_or_run_twice(text: str) -> None:
    sections = divide(text).sections
    spans = sorted([*sections.up, *sections.down])
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
