"""SQL that makes a fresh database look like the one that migrations meet in production.

Run once per database by the cluster's superuser, `supabase_admin`, before any untrusted SQL. Afterwards migrations run
as `postgres`, which exists, owns the database, and is LOGIN CREATEDB CREATEROLE BYPASSRLS and nothing more. Applies to
PostgreSQL 16 and later and may be repeated in other databases of the same cluster.
"""

from __future__ import annotations

import re
from pathlib import Path

from pgassay.errors import SettingsError
from pgassay.postgres import extensions
from pgassay.postgres.provider import MIGRATION_ROLE

NAMES = ("supabase", "postgres")
DEFAULT_PRIVILEGES = ("legacy", "none")

BODY_CHECK = "pg_pgassay.plpgsql_check_function_tb"
"""What looks into the bodies of PL/pgSQL functions, in every environment of a server that has plpgsql_check."""

_DIRECTORY = Path(__file__).parent

_MADE_ROLE = re.compile(r"^ +\('(\w+)', '", re.MULTILINE)
_SUPABASE = ("roles", "schemas", "auth", "storage", "realtime", "default_privileges_legacy")


def sql(name: str, *, default_privileges: str = "legacy") -> str:
    """The statements of one environment, without transaction control.

    `default_privileges` is about schema public of `supabase`: `legacy` opens each new object to the Data API's roles,
    `none` is what the platform does for projects made since 2026-05-30. Raises SettingsError for an unknown word.
    """
    _require("environment", name, NAMES)
    _require("default_privileges", default_privileges, DEFAULT_PRIVILEGES)
    parts = ["set client_min_messages = error;"]
    if name == "postgres":
        parts.append(_file("postgres.sql"))
    else:
        parts += [_file(f"supabase/{part}.sql") for part in _SUPABASE]
        if default_privileges == "none":
            parts.append(_file("supabase/default_privileges_none.sql"))
    parts.append(_file("install.sql"))
    parts += [_install(extension, schema) for extension, schema in extensions.PREINSTALLED[name].items()]
    if name == "supabase":
        parts.append(_file("supabase/vault.sql"))
    parts += [_park(extension) for extension in extensions.PARKED]
    parts.append("call pg_temp.borrow_body_check();")
    return "\n".join(parts)


def roles(name: str) -> tuple[str, ...]:
    """The roles that the SQL of an environment makes or alters. They belong to the whole server, not to a database."""
    if name != "supabase":
        return ()
    return (MIGRATION_ROLE, *_MADE_ROLE.findall(_file("supabase/roles.sql")))


def cut_over() -> str:
    """What `supabase` does to a project on the day of the new default privileges; postgres itself may run it.

    It changes nothing about what is there already.
    """
    return _file("supabase/default_privileges_none.sql")


def default_privileges(way: str) -> str:
    """`legacy`, `none` or `closed` for what postgres makes in public from here on, whatever it was before.

    `closed` grants nothing at all, as pg_dump expects of a database that it restores into.
    """
    parts = {"legacy": ("closed", "legacy"), "none": ("closed", "legacy", "none"), "closed": ("closed",)}[way]
    return "\n".join(_file(f"supabase/default_privileges_{part}.sql") for part in parts)


def made_by_supabase() -> frozenset[str]:
    """Tables, functions and types that its services have in auth, storage and realtime, as `schema.name`."""
    text = "".join(_file(f"supabase/{part}.sql") for part in ("auth", "storage", "realtime"))
    return frozenset(re.findall(r"^create (?:table|function|type) (\w+\.\w+)", text, re.M))


def _install(extension: str, schema: str) -> str:
    return f"call pg_temp.install('{extension}', '{schema}', {_script(extension)});"


def _park(extension: str) -> str:
    """Nothing where the migration role can create the real one by itself."""
    return f"""do $park$
begin
  if {extensions.PARKED[extension]} then
    call pg_temp.park('{extension}', {_script(extension)}, '{extensions.mark(extension)}');
  end if;
end
$park$;"""


def _script(extension: str) -> str:
    return f"$script$\n{extensions.script(extension)}\n$script$" if extensions.has_stand_in(extension) else "null"


def _require(key: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise SettingsError(f'{key} = "{word}" is not known: write {" or ".join(known)}')


def _file(name: str) -> str:
    return (_DIRECTORY / name).read_text(encoding="utf-8")
