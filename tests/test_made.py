"""`pgassay rows`: what was made, what was not, and what the settings do about it."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from pgassay.history import history_of
from pgassay.made import MadeTable, made_on
from pgassay.model import Migration, Sections
from pgassay.model.given import RowsSetting
from pgassay.project import Project
from pgassay.render import made as shown
from pgassay.replay.bench import Bench
from pgassay.settings import Settings
from pgassay.settings_file import settings_of
from pgassay.sql import read

# Wien and Graz.
SCHEMA = """\
create table towns (name text primary key check (md5(name) in
  ('1b388e3352c32b76b8d975c4d3625070', 'ca7668a05b2a3dbf29ca3d768c0febe8')));
create table shops (id int primary key, town text not null references towns (name), size int check (size > 0));
create table visits (id bigint generated always as identity primary key, shop_id int not null references shops (id));
create function never() returns trigger language plpgsql as $$ begin raise exception 'never'; end $$;
create trigger never before insert on visits for each row execute function never();
create table plain (name text);
"""
SEED = "begin;\ninsert into towns values ('Wien');\ninsert into nowhere values (1);\ncommit;\n"


def project(rows: RowsSetting, seed: str = "") -> Project:
    history = history_of({}, {"migrations/1_a.sql": SCHEMA}, folder="migrations", layout="plain", read=read)
    file = Migration("seed.sql", None, "seed", seed, Sections(((0, len(seed)),)), read)
    return replace(Project(history, Settings(rows=rows), (), "postgres"), seed=file if seed else None)


def table(found: tuple[MadeTable, ...], name: str) -> MadeTable:
    return next(each for each in found if each.name == name)


def test_what_cannot_be_filled_is_told_with_the_reason(bench: Bench) -> None:
    found = made_on(bench, project(RowsSetting()))
    assert [(each.name, bool(each.rows)) for each in found.tables] == [
        ("plain", True),
        ("shops", False),
        ("towns", False),
        ("visits", False),
    ]
    assert table(found.tables, "shops").reason == "it needs a row of `towns`"
    told = shown.render(found, "text")
    assert 'towns: none, new row for relation "towns" violates check constraint "towns_name_check"\n' in told
    assert told.endswith("1 of 4 tables have rows\n")
    entry = json.loads(shown.render(found, "json"))["tables"][3]
    assert entry == {"name": "visits", "rows": [], "reason": "it needs a row of `shops`", "without_triggers": False}


@pytest.mark.parametrize(
    ("rows", "seed"), [(RowsSetting(values={"towns.name": ("Wien", "Graz")}), ""), (RowsSetting(seed="seed.sql"), SEED)]
)
def test_values_and_a_seed_help(bench: Bench, rows: RowsSetting, seed: str) -> None:
    found = made_on(bench, project(rows, seed))
    assert found.filled == 4
    assert {row["name"] for row in table(found.tables, "towns").rows} <= {"Wien", "Graz"}
    assert table(found.tables, "visits").without_triggers
    assert [each.why for each in found.unchecked] == (['seed.sql:3: relation "nowhere" does not exist'] if seed else [])
    told = shown.render(found, "text")
    assert "rows, its triggers disabled because they refused every row\n  id " in told
    assert "plain: 6 rows\n  nothing\n" in told


def test_values_by_name() -> None:
    settings = settings_of({"rows": {"values": {"*.state": "open", "orders.state": ["new", 1], "a.b": True}}}, "x.toml")
    given = settings.rows.given()
    assert [given.value("orders", "state", letter) for letter in "abc"] == ["new", "1", "new"]
    assert given.value("sales.orders", "state", "a") == "open"
    assert given.value("a", "b", "b") == "true"
    assert given.value("a", "c", "a") is None
