"""What the body of a function looks for in vain, told before anybody calls it."""

from __future__ import annotations

import pytest

from pgassay.replay.bench import Bench
from tests.stories.story import Teller

MERGED = {
    "20250101000000_base.sql": """
create table t (id bigint primary key, a text, b text);
create schema app;
create table app.u (id bigint primary key, a text);
alter table t enable row level security;
"""
}


def _told(bench: Bench, body: str, *, path: str = "'public'", returns: str = "void", after: str = "") -> list[str]:
    change = f"""create function f(x bigint, y text) returns {returns} language plpgsql set search_path = {path} as $$
{body}
$$;
{after}"""
    if returns == "trigger":
        change = change.replace("f(x bigint, y text)", "f()")
    report = Teller(bench)(merged=MERGED, proposed={"20260101000000_change.sql": change}).report
    assert not [finding.message for finding in report.findings if finding.rule == "does_not_apply"]
    return [finding.subject for finding in report.findings if finding.rule == "broken_function_body"]


@pytest.mark.parametrize(
    ("body", "subject"),
    [
        ("begin update t set c = y where id = x; end", "f: t.c"),
        ("begin insert into t (id, c) values (x, y) returning id into x; end", "f: t.c"),
        ("begin insert into t (id) values (x) on conflict (id) do update set c = y; end", "f: t.c"),
        ("begin if x > 1 then delete from missing where id = x; end if; end", "f: missing"),
        ("declare n int; begin select count(*) into n from missing m where m.id = x; end", "f: missing"),
        ("declare r record; begin for r in select * from missing loop perform 1; end loop; end", "f: missing"),
        ("begin perform 1 from t join app.v on true; end", "f: app.v"),
        ("begin perform case when x = 1 then 2 else 3 end from missing; end", "f: missing"),
        ("begin update u set a = y; end", "f: u"),
    ],
)
def test_in_vain(bench: Bench, body: str, subject: str) -> None:
    assert _told(bench, body) == [subject]


@pytest.mark.parametrize(
    "body",
    [
        "declare n int; begin select id, a into strict x, y from t where id = f.x; n := (select count(*) from t); end",
        "begin with missing as (select 1 as id) update t set a = y from missing m where m.id = t.id; end",
        "begin create temp table missing (id bigint); insert into missing values (x); drop table missing; end",
        "begin execute 'select * from missing'; end",
        "begin perform 1 from missing; exception when undefined_table then null; end",
        "begin if to_regclass('missing') is not null then perform 1 from missing; end if; end",
        "begin perform 1 from t as o where o.id = x for update of o; end",
        "begin perform 1 from generate_series(1, 2) as missing; end",
        "begin perform 1 from auth.no_such_table; end",
        "begin update app.u set a = y where id = x; update t set (a, b) = (y, y); end",
        "begin -- delete from missing;\n perform 'delete from missing'; end",
    ],
)
def test_there_or_not_for_sure(bench: Bench, body: str) -> None:
    assert _told(bench, body) == []


def test_a_later_statement_brings_it(bench: Bench) -> None:
    assert _told(bench, "begin update t set c = y; end", after="alter table t add column c text;") == []


def test_a_table_of_the_trigger(bench: Bench) -> None:
    trigger = "create trigger g after insert on t referencing new table as fresh execute function f();"
    body = "begin insert into app.u (id) select id from fresh; return null; end"
    assert _told(bench, body, returns="trigger", after=trigger) == []


def test_an_empty_search_path(bench: Bench) -> None:
    assert _told(bench, "begin delete from t where id = x; end", path="''") == ["f: t"]
    assert _told(bench, "begin delete from public.t where id = x; end", path="''") == []


FUNCTIONS = {
    "20250102000000_functions.sql": """
create function named(x bigint) returns text language plpgsql set search_path = '' as $$
begin return (select t.a from public.t where t.id = x); end $$;
create function other(x bigint) returns text language plpgsql set search_path = '' as $$
declare a text; begin select u.a into a from app.u where u.id = x; return a; end $$;
create function careful(x bigint) returns text language plpgsql set search_path = '' as $$
begin return (select t.a from public.t where t.id = x); exception when undefined_column then return null; end $$;
create function stamped() returns trigger language plpgsql set search_path = '' as $$
begin new.a := lower(new.a); perform public.named(new.id); return new; end $$;
create trigger stamped before insert on t for each row execute function stamped();
"""
}


@pytest.mark.parametrize(
    ("change", "subjects"),
    [
        ("alter table t drop column a;", ["named: t.a", "stamped: t.a"]),
        ("alter table t rename column a to aa;", ["named: t.a", "stamped: t.a"]),
        ("alter table t drop column b;", []),
        ("alter table app.u drop column a;", ["other: app.u.a"]),
        ("alter table t rename to tt;", ["named: t"]),
        ("drop function named(bigint);", ["stamped: named(bigint)"]),
        ("alter table t rename column a to aa; alter table t add column a text;", []),
        (
            "alter table t drop column a; drop trigger stamped on t; create or replace function named(x bigint)"
            " returns text language plpgsql set search_path = ''"
            " as $$ begin return (select t.b from public.t where t.id = x); end $$;",
            [],
        ),
        ("drop function stamped cascade; drop function named; drop function careful; drop table t;", []),
    ],
)
def test_functions_left_behind(bench: Bench, change: str, subjects: list[str]) -> None:
    report = Teller(bench)(merged=MERGED | FUNCTIONS, proposed={"20260101000000_change.sql": change}).report
    assert not [finding.message for finding in report.findings if finding.rule == "does_not_apply"]
    assert sorted(each.subject for each in report.findings if each.rule == "broken_function_body") == subjects


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        ("create trigger g before update on app.u for each row execute function stamped();", []),
        (
            "create table w (id bigint primary key);\nalter table w enable row level security;\n"
            "create trigger g before update on w for each row execute function stamped();",
            [3],
        ),
        (
            "create table w (id bigint primary key);\nalter table w enable row level security;\n"
            "create trigger g before update on w for each row execute function stamped();\n"
            "alter table w add column a text;",
            [],
        ),
    ],
)
def test_a_trigger_on_a_table_without_its_columns(bench: Bench, change: str, lines: list[int]) -> None:
    report = Teller(bench)(merged=MERGED | FUNCTIONS, proposed={"20260101000000_change.sql": change}).report
    found = [each for each in report.findings if each.rule == "broken_function_body"]
    assert [each.location.start_line for each in found] == lines
    assert all("record 'new' has no field" in each.message.replace('"', "'") for each in found)
