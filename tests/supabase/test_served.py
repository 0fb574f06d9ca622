"""Whether the Data API is behind a database whose tables refer to auth.users."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pgassay.application.application import Application
from pgassay.application.files import Code
from pgassay.history import history_of
from pgassay.project import Project
from pgassay.settings import Settings
from pgassay.sql import read
from pgassay.stages.replay import is_served

CODE = Code((), None, {}, None)
ACCOUNTS = "create table accounts (id uuid primary key references auth.users (id));\n"


def project(sql: str, layout: str = "plain") -> Project:
    history = history_of({}, {"db/001_accounts.sql": ACCOUNTS + sql}, folder="db", layout=layout, read=read)
    return Project(history, Settings(), (), "supabase")


@pytest.mark.parametrize(
    "sql",
    [
        "create policy own on accounts using (id = (select auth.uid()));",
        "grant select on accounts to postgres, anon;",
        'revoke all on accounts from "authenticated";',
        "insert into storage.buckets (id, name) values ('a', 'a');",
        "alter publication supabase_realtime add table accounts;",
    ],
)
def test_what_only_the_api_needs(sql: str) -> None:
    assert is_served(project(sql), Application(CODE))


def test_auth_users_alone() -> None:
    alone = project("-- to be authenticated, from here on\ncreate table notes (authenticated boolean);")
    assert not is_served(alone, Application(CODE))
    assert is_served(alone, Application(CODE, speaks_of_supabase=True))
    assert is_served(alone, Application())
    assert is_served(replace(alone, settings=Settings(environment="supabase")), Application(CODE))
    assert is_served(replace(alone, settings=Settings(exposed_schemas=("public",))), Application(CODE))
    assert is_served(project("", "supabase"), Application(CODE))
