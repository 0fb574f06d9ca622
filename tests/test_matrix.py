"""`pgassay matrix`: the whole matrix of what the API serves, in four formats."""

from __future__ import annotations

import csv
import io
import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from pgassay import cli, matrix
from pgassay.errors import UsageError
from pgassay.matrix import Matrix
from pgassay.model import Cell, Reach, RelationAccess, ServerInfo, Unchecked
from pgassay.project import Request
from pgassay.render.matrix import FORMATS, render
from pgassay.replay.bench import Bench

SQL = """\
create table notes (id bigint primary key, user_id uuid not null references auth.users (id), body text);
alter table notes enable row level security;
create policy own on notes for select to authenticated using (user_id = (select auth.uid()));
create policy shared on notes for select to authenticated using ((select auth.jwt() ->> 'plan') = 'team');
create table odd (id bigint primary key, code text not null check (md5(code) = 'cannot be found'));
create view titles as select body from notes group by body;
create function hello() returns text language sql as 'select 1::text';
revoke execute on function hello() from public, anon;
"""
SETTINGS = '[[persona]]\nname = "teammate"\nclaims = { plan = "team" }\n'
ROLES = ("anon", "authenticated", "service_role")
SHOWN = Matrix(
    (
        RelationAccess(
            "a|b",
            "table",
            False,
            (
                Cell("anon", "select", None, Reach.ERROR, "infinite recursion"),
                *(Cell("anon", action, None, Reach.NO_GRANT) for action in ("insert", "update", "delete")),
            ),
        ),
        RelationAccess("=v", "view", False, (Cell("auditor", "select", None, Reach.ALL_ROWS),)),
        RelationAccess("f()", "function", False, tuple(Cell(r, "execute", None, Reach.NO_GRANT) for r in ROLES)),
    ),
    (Unchecked("who reaches the rows of `odd`", "no row could be made to fit"),),
    ServerInfo("17.4", "embedded", "supabase"),
)


def test_of_a_whole_schema(tmp_path: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "supabase" / "migrations"
    folder.mkdir(parents=True)
    (folder / "20260101000000_notes.sql").write_text(SQL)
    (tmp_path / "pgassay.toml").write_text(SETTINGS)
    monkeypatch.setattr(matrix, "server_for", lambda *_, **__: nullcontext(bench))
    found = matrix.matrix(Request(tmp_path))
    reached = {
        (each.name, cell.role, cell.action): cell.after.value for each in found.access for cell in each.cells
    }  # fmt: skip
    assert [each.name for each in found.access] == ["notes", "odd", "titles", "hello()"]
    assert reached["notes", "anon", "select"] == "no policy"
    assert reached["notes", "authenticated", "select"] == "own rows"
    assert reached["notes", "teammate", "select"] == "all rows"
    assert reached["titles", "anon", "select"] == "all rows"
    assert ("titles", "anon", "delete") not in reached
    assert reached["odd", "anon", "select"] == "not decided"
    assert reached["hello()", "anon", "execute"] == "no grant"
    assert reached["hello()", "authenticated", "execute"] == "may execute"
    assert [each.what for each in found.unchecked] == ["who reaches the rows of `odd`"]
    (tmp_path / "pgassay.toml").write_text('environment = "postgres"\n')
    with pytest.raises(UsageError, match="this project has none"):
        matrix.matrix(Request(tmp_path))


def test_text() -> None:
    assert render(SHOWN, "text").split("Tried out")[0] == (
        "table a|b\n"
        "           select    insert    update    delete\n"
        "  anybody  error     no grant  no grant  no grant\n"
        "\n"
        "view =v\n"
        "           select    insert    update    delete\n"
        "  auditor  all rows  -         -         -\n"
        "\n"
        "function f(): nobody\n"
        "\n"
        "note: who reaches the rows of odd\n"
        "  why: no row could be made to fit\n"
    )


def test_markdown() -> None:
    lines = render(SHOWN, "markdown").splitlines()
    assert "| table <code>a&#124;b</code> | anybody | error | no grant | no grant | no grant |" in lines
    assert "| `f()` | nobody |" in lines
    assert "- who reaches the rows of `odd`<br>why: no row could be made to fit" in lines


def test_json_and_csv() -> None:
    document = json.loads(render(SHOWN, "json"))
    assert document["access"][0]["cells"][0] == {
        "role": "anon", "action": "select", "before": None, "after": "error", "error": "infinite recursion",
    }  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(render(SHOWN, "csv"))))
    assert rows[0] == {
        "object": "a|b", "kind": "table", "who": "anon", "statement": "select", "reaches": "error",
        "error": "infinite recursion",
    }  # fmt: skip
    assert rows[4]["object"] == "'=v"
    assert len(rows) == sum(len(each.cells) for each in SHOWN.access)


def test_an_unknown_format(tmp_path: Path) -> None:
    assert set(FORMATS) == {"text", "markdown", "json", "csv"}
    assert render(replace(SHOWN, access=(), unchecked=()), "text") == "the API serves nothing\n"
    result = CliRunner().invoke(cli.cli, ["matrix", str(tmp_path), "--format", "xml"], standalone_mode=False)
    assert str(result.exception) == "--format xml: unknown; there are text, markdown, json, csv."
