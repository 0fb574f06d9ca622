"""A schema dump as the state before the first file, and folders of which it has a part in it already."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path

import pytest

from pgassay.catalogue.load import builtin_rules
from pgassay.history import history_of
from pgassay.model import Migration, Report, Sections, Severity
from pgassay.pipeline import review
from pgassay.postgres import binaries
from pgassay.postgres.embedded import Embedded
from pgassay.project import Project
from pgassay.replay.bench import Bench
from pgassay.settings import Settings
from pgassay.sql import read
from tests.benches import borrowed

FOLDER = "supabase/migrations"
RULES = builtin_rules()
_numbers = count(1)

Files = Mapping[str, str]

USERS = """
create table users (id uuid primary key references auth.users (id), mail text);
alter table users enable row level security;
create policy own on users using (id = (select auth.uid()));
create function made() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.users (id) values (new.id);
  return new;
end
$$;
create trigger made after insert on auth.users for each row execute function made();
"""
TEAMS = """
create type size as enum ('small', 'large');
create table teams (id bigint generated always as identity primary key, owner uuid references users (id), size size);
alter table teams enable row level security;
alter table users rename column mail to email;
create index teams_owner_idx on teams (owner);
alter publication supabase_realtime add table teams;
"""
NOTES = "create table notes (id bigint primary key, team bigint references teams (id));\n"
RLS = "alter table notes enable row level security;\n"


@pytest.fixture(scope="module", params=[16, 18])
def either(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with Embedded(wanted_major=request.param) as server:
        yield Bench(server)


@pytest.fixture
def dump(either: Bench) -> Iterator[Callable[..., str]]:
    """What `pg_dump --schema-only` says of a Supabase project after these migrations."""
    program = binaries.find(either.server.info.major).bin / "pg_dump"
    if not program.exists():
        pytest.skip("this PostgreSQL came without pg_dump")
    name = f"dumped_{next(_numbers)}"
    either.server.create(name, template=either.environment("supabase"))

    def run(*migrations: str, options: tuple[str, ...] = ()) -> str:
        with either.server.connect(name) as session:
            for migration in migrations:
                error = session.run(migration).error
                assert error is None, error
            data, socket = (
                session.rows(f"show {name}")[0][0] for name in ("data_directory", "unix_socket_directories")
            )
        place = f"--host={Path(data, socket).resolve()}"
        command = [str(program), "--schema-only", "--schema=public", place, "--username=postgres", *options, name]
        environment = dict(binaries.find(either.server.info.major).environment)
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    yield run
    either.server.drop(name)


def _check(
    bench: Bench,
    baseline: str,
    *,
    merged: Files | None = None,
    proposed: Files | None = None,
    everything: bool = False,
    settings: Settings | None = None,
    environment: str = "supabase",
) -> Report:
    before = {f"{FOLDER}/{name}": text for name, text in (merged or {}).items()}
    now = before | {f"{FOLDER}/{name}": text for name, text in (proposed or {}).items()}
    history = history_of(before, now, folder=FOLDER, layout="supabase", read=read)
    if everything:
        history = type(history)(history.layout, history.folder, (), history.proposed)
    dumped = Migration("baseline.sql", None, "baseline", baseline, Sections(((0, len(baseline)),)), read)
    project = Project(history, settings or Settings(source="pgassay.toml"), RULES, environment, dumped)
    return review(project, borrowed(bench))


def _found(report: Report) -> list[str]:
    told = (each for each in report.findings if each.severity is not Severity.NOTE)
    places = ((each.location.path.rpartition("/")[2], each.location.start_line, each.rule) for each in told)
    return [f"{file}:{line} {rule}" for file, line, rule in places]


def _notes(report: Report) -> list[str]:
    return [entry.what for entry in report.unchecked]


def test_files_before_the_dump_are_in_it_and_files_after_it_run(either: Bench, dump: Callable[..., str]) -> None:
    merged = {"20250101000000_a.sql": USERS, "20250102000000_b.sql": TEAMS, "20250103000000_c.sql": NOTES + RLS}
    change = "alter table notes add column body text;\nalter table users add column name text;\ncreate table open ();"
    report = _check(either, dump(USERS, TEAMS), merged=merged, proposed={"20260101000000_d.sql": change})
    assert _found(report) == ["20260101000000_d.sql:3 missing_rls"]
    assert report.migrations.base_failed == 0
    assert not report.incomplete
    (note,) = report.unchecked
    assert note.what == "2 merged files are in baseline.sql already"
    assert note.why == (
        "so they were not run again; the last of them would fail: supabase/migrations/20250102000000_b.sql:2: "
        'type "size" already exists'
    )
    assert [change.name for change in report.schema_change] == ["open", "notes.body", "users.name"]


def test_a_folder_that_begins_after_the_dump(either: Bench, dump: Callable[..., str]) -> None:
    report = _check(either, dump(USERS, TEAMS), merged={"20250103000000_c.sql": NOTES + RLS}, proposed={})
    assert report.unchecked == ()
    change = {"20260101000000_d.sql": "alter table notes add column body text;"}
    report = _check(either, dump(), merged={"20250103000000_c.sql": NOTES + RLS}, proposed=change)
    assert (_found(report), report.unchecked) == ([], ())


def test_everything_proposed_is_what_the_dump_has_not(either: Bench, dump: Callable[..., str]) -> None:
    files = {"20250101000000_a.sql": USERS, "20250102000000_b.sql": TEAMS, "20250103000000_c.sql": NOTES}
    report = _check(either, dump(USERS, TEAMS), proposed=files, everything=True)
    assert _found(report) == ["20250103000000_c.sql:1 missing_rls"]
    assert _notes(report) == ["2 proposed files are in baseline.sql already"]
    assert (report.migrations.base, report.migrations.proposed, report.migrations.applied) == (2, 1, 1)


def test_a_later_file_that_makes_anew_what_it_drops_is_not_in_the_dump(either: Bench, dump: Callable[..., str]) -> None:
    """The drop and the create may stand in two files, and the create alone looks as if it had run before."""
    merged = {
        "20250101000000_a.sql": USERS,
        "20250102000000_b.sql": "drop policy own on users;",
        "20250103000000_c.sql": "create policy own on users for select using (true);",
    }
    change = {"20260101000000_d.sql": "alter policy own on users with check (true);"}
    report = _check(either, dump(USERS), merged=merged, proposed=change)
    assert _found(report) == ["20260101000000_d.sql:1 does_not_apply"]
    assert _notes(report) == ["1 merged file is in baseline.sql already"]


def test_a_later_file_that_makes_something_twice_is_a_fault_of_its_own(either: Bench, dump: Callable[..., str]) -> None:
    merged = {
        "20250101000000_a.sql": USERS,
        "20250102000000_b.sql": TEAMS,
        "20250103000000_c.sql": "create table teams (id bigint);\ncreate table extra (id bigint);",
    }
    change = {"20260101000000_d.sql": "alter table extra enable row level security;"}
    report = _check(either, dump(USERS), merged=merged, proposed=change)
    assert _found(report) == []
    assert _notes(report)[0] == "2 merged files are in baseline.sql already"


def test_what_the_last_files_took_away_is_gone(either: Bench, dump: Callable[..., str]) -> None:
    """Nothing says that these two ran before; that they fail is no reason to distrust what comes next."""
    merged = {
        "20250101000000_a.sql": USERS,
        "20250102000000_b.sql": "alter table users rename column mail to email;",
        "20250103000000_c.sql": "drop function made() cascade;",
    }
    change = {"20260101000000_d.sql": "alter table nowhere add column body text;"}
    report = _check(either, dump(*merged.values()), merged=merged, proposed=change)
    assert _found(report) == ["20260101000000_d.sql:1 never_created"]
    assert _notes(report) == ["3 merged files are in baseline.sql already"]
    assert report.migrations.base_failed == 0


def _grants(table: str, expected: bool) -> str:
    return (
        f"do $$ begin if has_table_privilege('anon', '{table}', 'select') is distinct from {expected}"
        f" then raise exception '{table}'; end if; end $$;\n"
    )


def test_grants_are_those_of_the_dump(either: Bench, dump: Callable[..., str]) -> None:
    """pg_dump says what is granted, and nothing of what a new table would be granted by itself."""
    closed = (
        "create table closed (id int);\nalter table closed enable row level security;\nrevoke all on closed from anon;"
    )
    text = dump(USERS, closed)
    assert "ALTER DEFAULT PRIVILEGES" in text
    text = "\n".join(line for line in text.splitlines() if not line.startswith("ALTER DEFAULT PRIVILEGES"))
    later = "create table later (id int);\nalter table later enable row level security;\n"
    change = {
        "20260101000000_a.sql": _grants("users", True) + _grants("closed", False) + later + _grants("later", True)
    }
    assert _found(_check(either, text, proposed=change)) == []
    # A dump of everything says that too.
    text += "\nalter default privileges for role postgres in schema public grant all on tables to authenticated;\n"
    change = {"20260101000000_a.sql": later + _grants("later", False)}
    assert _found(_check(either, text, proposed=change)) == []
    legacy = Settings(default_privileges="legacy", source="pgassay.toml")
    change = {"20260101000000_a.sql": later + _grants("later", True)}
    assert _found(_check(either, text, proposed=change, settings=legacy)) == []


def test_without_grants_in_the_dump_tables_have_those_of_their_day(either: Bench, dump: Callable[..., str]) -> None:
    text = dump(USERS, options=("--no-privileges", "--no-owner"))
    for settings, expected in ((None, True), (Settings(default_privileges="none", source="x"), False)):
        change = {"20260101000000_a.sql": _grants("users", expected)}
        assert _found(_check(either, text, proposed=change, settings=settings)) == []


def test_the_day_of_the_new_grants_may_lie_in_the_dump(either: Bench, dump: Callable[..., str]) -> None:
    text = dump(USERS, options=("--no-privileges",))
    change = "create table later (id int);\nalter table later enable row level security;\n" + _grants("later", False)
    merged = {"20261101000000_a.sql": USERS}
    report = _check(either, text, merged=merged, proposed={"20261102000000_b.sql": change})
    assert _found(report) == []


EVERYTHING = r"""
\restrict abc123
SET statement_timeout = 0;
SET transaction_timeout = 0;
SET some_setting_of_the_future = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET row_security = off;
CREATE SCHEMA public;
ALTER SCHEMA public OWNER TO pg_database_owner;
COMMENT ON SCHEMA public IS 'standard public schema';
CREATE SCHEMA auth;
ALTER SCHEMA auth OWNER TO supabase_admin;
CREATE SCHEMA pgbouncer;
CREATE SCHEMA vault;
CREATE SCHEMA app AUTHORIZATION app_owner;
ALTER SCHEMA app OWNER TO app_owner;
CREATE EXTENSION IF NOT EXISTS pg_graphql WITH SCHEMA graphql;
COMMENT ON EXTENSION pg_graphql IS 'pg_graphql: GraphQL support';
CREATE EXTENSION IF NOT EXISTS pgjwt WITH SCHEMA extensions;
CREATE TYPE auth.aal_level AS ENUM ('aal1', 'aal2', 'aal3');
ALTER TYPE auth.aal_level OWNER TO supabase_auth_admin;
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $$ select null::uuid $$;
ALTER FUNCTION auth.uid() OWNER TO supabase_auth_admin;
COMMENT ON FUNCTION auth.uid() IS 'Deprecated.';
CREATE FUNCTION pgbouncer.get_auth(p_usename text) RETURNS text LANGUAGE sql AS $$ select null $$;
CREATE FUNCTION extensions.grant_pg_cron_access() RETURNS event_trigger LANGUAGE plpgsql AS $$ begin end $$;
CREATE TABLE auth.users (id uuid NOT NULL, of_the_future text);
CREATE TABLE auth.of_the_future (id uuid NOT NULL);
ALTER TABLE auth.users OWNER TO supabase_auth_admin;
CREATE FUNCTION app.later() RETURNS bigint LANGUAGE sql AS $$ select id from app.notes $$;
CREATE TABLE app.notes (id bigint NOT NULL, owner uuid);
ALTER TABLE app.notes OWNER TO app_owner;
ALTER TABLE ONLY auth.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);
ALTER TABLE ONLY app.notes ADD CONSTRAINT notes_pkey PRIMARY KEY (id);
CREATE INDEX users_of_the_future_idx ON auth.users USING btree (of_the_future);
ALTER TABLE ONLY app.notes ADD CONSTRAINT notes_owner_fkey FOREIGN KEY (owner) REFERENCES auth.users(id);
CREATE PUBLICATION supabase_realtime WITH (publish = 'insert, update, delete, truncate');
ALTER PUBLICATION supabase_realtime OWNER TO postgres;
ALTER PUBLICATION supabase_realtime ADD TABLE ONLY app.notes;
GRANT USAGE ON SCHEMA auth TO anon;
GRANT USAGE ON SCHEMA app TO analyst;
GRANT SELECT ON TABLE app.notes TO analyst;
GRANT ALL ON FUNCTION extensions.armor(bytea) TO dashboard_user;
GRANT ALL ON TABLE auth.of_the_future TO dashboard_user;
ALTER DEFAULT PRIVILEGES FOR ROLE supabase_admin IN SCHEMA public GRANT ALL ON TABLES TO anon;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON TABLES TO analyst;
ALTER DEFAULT PRIVILEGES FOR ROLE supabase_auth_admin IN SCHEMA auth GRANT ALL ON TABLES TO postgres;
CREATE EVENT TRIGGER issue_pg_cron_access ON ddl_command_end EXECUTE FUNCTION extensions.grant_pg_cron_access();
ALTER EVENT TRIGGER issue_pg_cron_access OWNER TO supabase_admin;
COPY app.notes (id, owner) FROM stdin;
1	\N
\.
\unrestrict abc123
"""


def test_a_dump_of_everything_says_nothing_about_what_is_there_or_not_ours(bench: Bench) -> None:
    change = {"20260101000000_a.sql": "alter table app.notes add column body text;\nselect app.later();"}
    report = _check(bench, EVERYTHING, proposed=change)
    assert _found(report) == []
    assert _notes(report) == ["extensions pg_graphql, pgjwt"]


def test_the_dump_of_a_plain_server_says_as_little(bench: Bench) -> None:
    text = "\n".join(
        line
        for line in EVERYTHING.splitlines()
        if "check_function_bodies" in line or ("app" in line and "PUBLICATION" not in line and "auth" not in line)
    )
    change = {"20260101000000_a.sql": "alter table app.notes add column body text;"}
    report = _check(bench, text, proposed=change, environment="postgres")
    assert (_found(report), report.unchecked) == ([], ())


def test_what_cannot_be_applied_is_one_note_with_its_first_cause(bench: Bench) -> None:
    text = """
create table a (id int, shape geometry);
create table b (id int references a (id));
create index on a (id);
create table c (id int primary key);
create tabel d ();
"""
    report = _check(bench, text, proposed={"20260101000000_a.sql": "alter table c add column n int;"})
    assert _found(report) == []
    (note,) = report.unchecked
    assert note.what == "4 statements of baseline.sql could not be applied"
    assert note.why == 'first cause: baseline.sql:2: type "geometry" does not exist'
    assert not note.essential
    change = {"20260101000000_a.sql": "alter table a add column n int;\nalter table e add column n int;"}
    merged = {"20250101000000_a.sql": "alter table b add column m int;"}
    report = _check(bench, text, merged=merged, proposed=change)
    assert _found(report) == []
    (note,) = report.unchecked
    assert note.what == "5 statements of baseline.sql could not be applied, so 2 proposed statements were not judged"
    assert report.incomplete


def test_a_merged_file_that_fails_for_itself_is_told_beside_the_dump(bench: Bench) -> None:
    text = "create table a (id int, shape geometry);"
    merged = {"20250101000000_a.sql": "create table b (id int references nowhere (id));"}
    report = _check(bench, text, merged=merged, proposed={"20260101000000_a.sql": "alter table b add column n int;"})
    assert _notes(report) == [
        "1 statement of baseline.sql could not be applied",
        "1 of 1 merged files do not apply to an empty server, so 1 proposed statement was not judged",
    ]


def test_each_statement_of_a_dump_stands_alone(bench: Bench) -> None:
    text = "create table a (id int);\nbegin;\ncreate table b (id int);\ncommit;\nrollback;"
    change = {"20260101000000_a.sql": "alter table b enable row level security;"}
    assert _found(_check(bench, text, proposed=change)) == []
