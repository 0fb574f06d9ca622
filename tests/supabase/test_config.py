from __future__ import annotations

import pytest

from pgassay.errors import SettingsError
from pgassay.supabase.config import Config, read_config

PATH = "supabase/config.toml"

WRITTEN_BY_THE_CLI = """
project_id = "notes"
[api]
enabled = true
port = 54321
schemas = ["public", "graphql_public"]
extra_search_path = ["public", "extensions"]
max_rows = 1000
[db]
port = 54322
major_version = 17
[auth]
site_url = "env(SITE_URL)"
[functions.hello]
verify_jwt = true
"""


def test_what_the_cli_writes() -> None:
    assert read_config(WRITTEN_BY_THE_CLI, PATH) == Config(
        PATH, 17, ("public", "graphql_public"), ("public", "extensions")
    )


@pytest.mark.parametrize("text", ["", "# nothing", "[api]\n[db]\n", "[new_section]\nkey = 1"])
def test_what_it_does_not_say_is_not_known(text: str) -> None:
    assert read_config(text, PATH) == Config(PATH)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('[db]\nmajor_version = "15"', Config(PATH, major_version=15)),
        ("[db]\nmajor_version = 18", Config(PATH, major_version=18)),
        ('[api]\nschemas = "public, api"', Config(PATH, schemas=("public", "api"))),
        ("[api]\nschemas = []", Config(PATH, schemas=())),
        ('[api]\nextra_search_path = ["a", " a ", ""]', Config(PATH, extra_search_path=("a",))),
        ("[api]\nauto_expose_new_tables = true", Config(PATH, auto_expose_new_tables=True)),
        ('[api]\nauto_expose_new_tables = "False"', Config(PATH, auto_expose_new_tables=False)),
        ("[api]\nauto_expose_new_tables = 0", Config(PATH, auto_expose_new_tables=False)),
    ],
)
def test_values_are_read_as_loosely_as_by_the_cli(line: str, expected: Config) -> None:
    assert read_config(line, PATH) == expected


def test_a_variable_is_left_alone_and_said() -> None:
    config = read_config('[db]\nmajor_version = "env(PG_MAJOR)"\n[api]\nschemas = "env(SCHEMAS)"', PATH)
    assert config == Config(PATH, from_environment=("[db] major_version", "[api] schemas"))
    note = config.note()
    assert note
    assert note.what == "[db] major_version, [api] schemas of supabase/config.toml"
    assert read_config("", PATH).note() is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[api", "supabase/config.toml: not valid TOML: "),
        ("api = 3", "supabase/config.toml: `api` is not a table; write it as [api]."),
        ("[db]\nmajor_version = 12", "[db] major_version = 12: write a major version of PostgreSQL from 13 on"),
        ("[db]\nmajor_version = 15.4", "[db] major_version = 15.4: write"),
        ("[db]\nmajor_version = true", "[db] major_version = True: write"),
        ('[db]\nmajor_version = "new"', "[db] major_version = 'new': write"),
        ("[api]\nschemas = 3", '[api] schemas = 3: write a list of names, such as ["public"].'),
        ("[api]\nschemas = [3]", "[api] schemas = [3]: write a list"),
        ('[api]\nauto_expose_new_tables = "yes"', "[api] auto_expose_new_tables = 'yes': write true or false."),
        ("[api]\nauto_expose_new_tables = [1]", "[api] auto_expose_new_tables = [1]: write true or false."),
    ],
)
def test_what_the_cli_refuses_is_one_sentence(text: str, words: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        read_config(text, PATH)
    assert words in str(refusal.value)
    assert str(refusal.value).startswith(f"{PATH}: ")
    assert "\n" not in str(refusal.value)
