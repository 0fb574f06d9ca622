"""What the settings expect of roles and tables, whatever the change is about."""

from __future__ import annotations

import pytest

from pgassay.errors import SettingsError
from pgassay.model import Reach
from pgassay.settings import Settings
from pgassay.settings_file import read_settings
from tests.stories.story import Teller

ABOUT = ("expectation_broken", "missing_rls", "readable_by_anyone")
MERGED = {
    "20260101000000_base.sql": """\
create table orgs (id uuid primary key default gen_random_uuid(), name text not null);
create table members (org_id uuid not null references orgs (id), user_id uuid not null references auth.users (id),
  role text not null default 'member', primary key (org_id, user_id));
create table papers (id bigint generated always as identity primary key, org_id uuid not null references orgs (id),
  state text not null default 'draft' check (state in ('draft', 'public')), body text);
create table odd (id bigint primary key, code text not null check (md5(code) = 'cannot be found'));
alter table orgs enable row level security;
alter table members enable row level security;
alter table papers enable row level security;
alter table odd enable row level security;
create policy own on members for select to authenticated using (user_id = (select auth.uid()));
create policy open on papers for select to anon using (state = 'public');
create policy of_org on papers for all to authenticated using (
  org_id in (select m.org_id from members m where m.user_id = (select auth.uid()))
  or (select auth.jwt() -> 'app_metadata' ->> 'role') = 'auditor');
"""
}
SETTINGS = """\
[[persona]]
name = "colleague"
sql = "insert into members (org_id, user_id) select id, :user from orgs"

[[persona]]
name = "auditor"
claims = { app_metadata = { role = "auditor" } }

[[persona]]
name = "nobody"
sql = "insert into nowhere values (:user)"

"""
UNTOUCHED = {"20260201000000_other.sql": "create table other (id bigint primary key);\n"
             "alter table other enable row level security;\n"}  # fmt: skip


def settings(*expectations: str) -> Settings:
    return read_settings(SETTINGS + "\n".join(f"[[expect]]\n{each}\n" for each in expectations), "pgassay.toml")


def test_personas_where_and_whose_rows(story: Teller) -> None:
    """All of these hold, most of them only with what the settings say about the personas."""
    held = settings(
        'role = "anon"\ntable = "papers"\ncan = ["select"]\nwhere = "state = \'public\'"',
        'role = "anon"\ntable = "papers"\ncannot = ["select"]\nwhere = "state = \'draft\'"',
        'role = "authenticated"\ntable = "papers"\ncan = ["select", "insert", "update", "delete"]\nrows = "own"',
        'role = "authenticated"\ntable = ["papers", "members"]\ncannot = "select"\nrows = "others"',
        'role = "colleague"\ntable = "papers"\ncan = ["select", "update"]',
        'role = "auditor"\ntable = "papers"\ncan = ["select"]',
        'role = "auditor"\ntable = "members"\ncannot = ["select"]',
        'role = "service_role"\ntable = "papers"\ncan = ["delete"]',
        'role = "anon"\ntable = "odd"\ncannot = ["select"]',
        'role = "nobody"\ntable = "papers"\ncannot = ["select"]',
    )
    proposed = {"20260201000000_papers.sql": "alter table papers add column title text;\n"}
    told = story(merged=MERGED, proposed=proposed, settings=held)
    told.says()
    unchecked = {each.what.partition(" (pgassay.toml:")[0]: each.why for each in told.report.unchecked}
    assert "odd_code_check" in unchecked["whether anon may select rows of `odd`"]
    assert 'relation "nowhere" does not exist' in unchecked["whether nobody may select rows of `papers`"]
    (papers,) = (each for each in told.report.access if each.name == "papers")
    reached = {who: cell.after for who in ("colleague", "auditor") if (cell := papers.cell(who, "select"))}
    assert reached == {"colleague": Reach.ALL_ROWS, "auditor": Reach.ALL_ROWS}


def test_what_no_longer_holds_and_what_never_did(story: Teller) -> None:
    never = settings('role = "authenticated"\ntable = "orgs"\ncan = ["select"]')
    told = story(merged=MERGED, proposed=UNTOUCHED, settings=never)
    told.says()
    assert "1 expectation of the settings that did not hold before the change either" in [
        each.what for each in told.report.unchecked
    ]
    told = story(
        merged=MERGED,
        proposed={
            "20260201000000_leave.sql": "drop policy of_org on papers;\n"
            "create policy of_org on papers for select to authenticated using (true);\n"
        },
        settings=settings(
            'role = "authenticated"\ntable = "papers"\ncannot = ["select"]\nrows = "others"',
            'role = "authenticated"\ntable = "papers"\ncan = ["select", "update", "delete"]\nrows = "own"',
        ),
    )
    told.says(*["20260201000000_leave.sql:2 expectation_broken"] * 2)
    others, own = told.report.findings
    assert others.message.startswith("`authenticated` can `select` rows of `papers`")
    assert others.seen == "`user C` reached 2 of 2 rows."
    assert others.related[0].start_line == 13
    assert own.facts["actions"] == ("update", "delete")
    assert own.reproduction
    assert "set local role authenticated;" in own.reproduction


@pytest.mark.parametrize(
    ("expectation", "words"),
    [
        (
            'role = "anon"\ntable = "paper"\ncan = ["select"]',
            'pgassay.toml:13: [[expect]] table = "paper": nothing that the API serves has that name; '
            "did you mean papers?",
        ),
        (
            'role = "anon"\ntable = "papers"\ncan = ["select"]\nwhere = "status = 1"',
            'pgassay.toml:13: [[expect]] where = "status = 1": column "status" does not exist; correct the condition.',
        ),
    ],
)
def test_what_the_schema_does_not_have(story: Teller, expectation: str, words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        story(merged=MERGED, proposed=UNTOUCHED, settings=settings(expectation))
    assert str(refused.value) == words
    assert refused.value.exit_code == 2


def test_a_plain_project_has_none_of_these_roles(story: Teller) -> None:
    told = story(
        environment="postgres",
        layout="plain",
        proposed={"0001_x.sql": "create table papers (id bigint primary key);\n"},
        settings=settings('role = "anon"\ntable = "papers"\ncan = ["select"]'),
    )
    assert "1 expectation of the settings" in [each.what for each in told.report.unchecked]


def test_what_everybody_may_read(story: Teller) -> None:
    public = read_settings('[access]\npublic = ["countries", "map_*"]', "pgassay.toml")
    tables = "create table {0} (id bigint primary key, name text);\n"
    closed = "revoke insert, update, delete on {0} from anon, authenticated;\n"
    told = story(
        proposed={
            "20260201000000_tables.sql": "".join(
                (tables + closed).format(name) for name in ("countries", "map_tiles", "people")
            )
            + tables.format("map_pins")
        },
        settings=public,
    )
    told.says("20260201000000_tables.sql:5 missing_rls", "20260201000000_tables.sql:7 missing_rls")
