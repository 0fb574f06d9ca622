"""What a change adds or breaks is found; what was wrong before is one note."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pgassay.application.files import Place
from pgassay.catalogue.load import builtin_rules
from pgassay.history import history_of
from pgassay.model import Report
from pgassay.pipeline import review
from pgassay.project import Project
from pgassay.render import render
from pgassay.replay.bench import Bench
from pgassay.settings import Settings
from pgassay.sql import read
from tests.benches import borrowed

RULES = tuple(rule for rule in builtin_rules() if rule.group == "application" or rule.id == "does_not_apply")
FOLDER = "supabase/migrations"
NOTHING: Mapping[str, str] = {}
BASE = {
    "20250101000000_base.sql": """
create table members (id bigint primary key, name text not null, phone text, team_id bigint);
create table teams (id bigint primary key, label text);
create function greet(who text) returns text language sql return who;
"""
}


def told(
    bench: Bench,
    code: Mapping[str, str],
    *,
    before: Mapping[str, str] = NOTHING,
    proposed: Mapping[str, str] = NOTHING,
    merged: Mapping[str, str] = BASE,
    environment: str = "supabase",
) -> Report:
    texts = [{f"{FOLDER}/{name}": text for name, text in files.items()} for files in (merged, proposed)]
    history = history_of(texts[0], texts[0] | texts[1], folder=FOLDER, layout="supabase", read=read)
    now, then = ({path: text.encode() for path, text in files.items()} for files in (code, before))
    place = Place(Path(), None, False, texts=now, texts_before=then)
    return review(Project(history, Settings(), RULES, environment, application=place), borrowed(bench))


def found(report: Report) -> list[str]:
    return [
        f"{each.location.path.removeprefix(FOLDER + '/')}:{each.location.start_line} {each.rule}"
        for each in report.findings
    ]


def test_only_what_the_change_brings(bench: Bench) -> None:
    old = "supabase.from('members').select('a');\n"
    report = told(bench, {"a.ts": old + "supabase.from('members').select('b');\n"}, before={"a.ts": old})
    assert found(report) == ["a.ts:2 unknown_column"]
    assert any(entry.what.startswith("1 use in unchanged code") for entry in report.unchecked)


def test_nothing_is_started_for_code_that_asks_for_nothing(bench: Bench) -> None:
    assert told(bench, {"a.ts": "export const a = 1;\n"}).server is None


def test_what_the_change_takes_away_is_told_where_it_does(bench: Bench) -> None:
    code = {"a.ts": "supabase.from('members').select('id, name');\nsupabase.rpc('greet', { who: 'a' });\n"}
    change = "alter table members\n  rename name to full_name;\nalter function greet(text) rename to hello;\n"
    report = told(bench, code, before=code, proposed={"20260101000000_x.sql": change})
    assert found(report) == ["20260101000000_x.sql:2 removed_but_used", "20260101000000_x.sql:3 removed_but_used"]
    first, second = report.findings
    assert "renames `members.name` to `full_name`" in first.message
    assert "renames `greet` to `hello`" in second.message
    assert [(place.path, place.start_line) for place in (*first.related, *second.related)] == [("a.ts", 1), ("a.ts", 2)]


def test_new_code_learns_of_the_new_name(bench: Bench) -> None:
    code = {"a.ts": "supabase.from('members').select('name');\n"}
    change = {"20260101000000_x.sql": "alter table members rename name to full_name;"}
    report = told(bench, code, proposed=change)
    assert found(report) == ["a.ts:1 unknown_column"]
    assert "renames it to `full_name`" in report.findings[0].message
    assert [(place.path, place.start_line) for place in report.findings[0].related] == [
        (f"{FOLDER}/20260101000000_x.sql", 1)
    ]


def test_a_dropped_table(bench: Bench) -> None:
    code = {
        "a.py": "db.table('teams').select('id, label').execute()\n",
        "b.ts": "db.from('teams').delete().eq('id', 1);\n",
    }
    report = told(bench, code, before=code, proposed={"20260101000000_x.sql": "drop table teams;"})
    assert found(report) == ["20260101000000_x.sql:1 removed_but_used"]
    assert [place.path for place in report.findings[0].related] == ["a.py", "b.ts"]


def test_a_new_required_column_breaks_old_inserts(bench: Bench) -> None:
    code = {"a.ts": "supabase.from('teams').insert({ id: 1, label: 'a' });\n"}
    change = {"20260101000000_x.sql": "alter table teams add column city text not null;"}
    assert found(told(bench, code, before=code, proposed=change)) == ["a.ts:1 missing_required_column"]


def test_a_renamed_column_is_told_once(bench: Bench) -> None:
    code = {"a.ts": "supabase.from('members').insert({ id: 1, name: 'a' });\n"}
    change = {"20260101000000_x.sql": "alter table members rename name to full_name;"}
    assert found(told(bench, code, before=code, proposed=change)) == ["20260101000000_x.sql:1 removed_but_used"]


def test_a_new_relationship_is_seen(bench: Bench) -> None:
    code = {"a.ts": "supabase.from('members').select('id, teams(label)');\n"}
    assert found(told(bench, code)) == ["a.ts:1 unknown_relationship"]
    change = {"20260101000000_x.sql": "alter table members add foreign key (team_id) references teams (id);"}
    assert found(told(bench, code, proposed=change)) == []


def test_a_table_that_the_api_does_not_serve(bench: Bench) -> None:
    table = "create table cards (id bigint primary key, user_id uuid references auth.users (id));"
    merged = {"20250101000000_base.sql": table}
    code = {"a.ts": "supabase.from('cards').select('id, users(email)');\nsupabase.from('users').select('id');\n"}
    assert found(told(bench, code, merged=merged)) == ["a.ts:1 unknown_relationship", "a.ts:2 unknown_table"]


def test_stale_types(bench: Bench) -> None:
    types = """export type Database = {
  public: { Tables: {
    members: { Row: { id: number; name: string; phone: string; team_id: number } };
    teams: { Row: { id: number; label: string } };
  } };
};
"""
    code = {"a.ts": types}
    assert found(told(bench, code)) == []
    change = {"20260101000000_x.sql": "alter table teams add column city text;"}
    report = told(bench, code, before=code, proposed=change)
    assert found(report) == ["a.ts:1 stale_generated_types"]
    assert "It lacks `teams.city`" in report.findings[0].message


def test_another_library_with_such_calls(bench: Bench) -> None:
    code = {"a.ts": "await orm.from('places').select('id');\n"}
    assert found(told(bench, code, environment="postgres")) == []
    assert found(told(bench, {"a.ts": f"// supabase\n{code['a.ts']}"}, environment="postgres")) == [
        "a.ts:2 unknown_table"
    ]


def test_an_incomplete_base_silences_what_rests_on_it(bench: Bench) -> None:
    merged = {
        **BASE,
        "20250102000000_more.sql": "create table visits (id bigint references places (id));\n"
        "do $$ begin alter table teams add column since date; perform 1/0; end $$;\n",
    }
    code = "supabase.from('places').select('x');\nsupabase.from('visits').select('x');\n"
    report = told(bench, {"a.ts": code + "supabase.from('teams').select('since');\n"}, merged=merged)
    assert found(report) == []
    (note,) = [entry for entry in report.unchecked if "application code" in entry.what]
    assert note.what.startswith("3 uses")
    assert "20250102000000_more.sql:1" in note.why
    assert "baseline" in (note.next_step or "")


def test_a_secret_is_shown_nowhere(bench: Bench) -> None:
    key = "sb_secret_0123456789abcdefghij"
    report = told(
        bench,
        {"src/a.tsx": f"const client = createClient(url, '{key}');\n"},
        proposed={"20260101000000_x.sql": "select 1;"},
    )
    assert found(report) == ["src/a.tsx:1 secret_key_in_client_code"]
    for form in ("text", "json", "markdown"):
        assert key not in render(report, form)


def test_an_allow_comment_in_the_code(bench: Bench) -> None:
    code = """// pgassay: allow unknown_table because the partner's migration comes first until 2099-01-31
supabase.from('elsewhere').select();
supabase.from('elsewhere').select(); // pgassay: allow unknown_table because of that too
supabase.from('elsewhere').select();
"""
    report = told(bench, {"a.ts": code})
    assert found(report) == ["a.ts:4 unknown_table"]
    assert [entry.reason for entry in report.allowed] == ["the partner's migration comes first", "of that too"]
