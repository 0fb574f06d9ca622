"""What the settings say about who may do what."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

ROLES = ("anon", "authenticated", "service_role")
ACTIONS = ("select", "insert", "update", "delete")
WHOSE = ("own", "others")


class Expectation(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[expect]]`: what a role, or a persona of the settings, can and cannot do with rows of tables.

    `where` is a condition on the rows, `rows` narrows them to those of whoever asks (own) or of other users (others).
    `line` is where it stands in the file.
    """

    role: str
    table: str | tuple[str, ...]
    can: str | tuple[str, ...] = ()
    cannot: str | tuple[str, ...] = ()
    where: str | None = None
    rows: str | None = None
    line: int = 0

    @property
    def tables(self) -> tuple[str, ...]:
        return _several(self.table)

    @property
    def asked(self) -> tuple[tuple[str, bool], ...]:
        """Each action, and whether it is to succeed."""
        return tuple((each, True) for each in _several(self.can)) + tuple(
            (each, False) for each in _several(self.cannot)
        )


class PersonaSetting(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[persona]]`: somebody else who tries. `claims` are put into those of an ordinary user.

    `sql` is run as the migration role once all rows are there, with `:user` for the id of the persona.
    """

    name: str
    role: str = "authenticated"
    claims: dict[str, Any] = {}
    sql: str | None = None


class Access(Struct, frozen=True, forbid_unknown_fields=True):
    """`[access] public`: tables and views that everybody may read. An asterisk stands for any characters."""

    public: tuple[str, ...] = ()


class Asked(Struct, frozen=True):
    """What the access proof is asked besides. `public` are regular expressions, `source` is the settings' file.

    `everything` asks for all that the API serves, as it is after the change, in place of what the change concerns.
    """

    expectations: tuple[Expectation, ...] = ()
    personas: tuple[PersonaSetting, ...] = ()
    public: tuple[str, ...] = ()
    source: str = ""
    everything: bool = False


NOTHING = Asked()


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value
