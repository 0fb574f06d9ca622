"""What application code asks of the database, as it is written there."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from pgassay.model.place import Location


class What(StrEnum):
    """What a use names. It decides which fields of a usage say something."""

    TABLE = "table"
    """`name` is a table or view."""
    COLUMN = "column"
    """`name` is a column of `table`, or of what `path` reaches from there."""
    VALUE = "value"
    """`values` are compared with, or written to, the column `name` of `table`."""
    ROW = "row"
    """A row with the columns `names` is inserted into `table`."""
    RELATIONSHIP = "relationship"
    """The last step of `path` is embedded into what the steps before it reach from `table`."""
    FUNCTION = "function"
    """`name` is a function."""
    CALL = "call"
    """The function `name` is called with the arguments `names`."""
    QUERY = "query"
    """`name` is an SQL text with `$1`, `$2` in the place of values; `names` are the tables that it reads."""
    DRIZZLE_TABLE = "drizzle table"
    """Drizzle declares the table `name` with the columns `names`."""
    DRIZZLE_ENUM = "drizzle enum"
    """Drizzle declares the enum `name` with `values`."""
    GENERATED = "generated types"
    """`declared` are the tables, views and enums of a generated `Database` type."""
    SECRET = "secret"
    """`name` says what kind of secret stands there, never the secret itself."""
    REMOVED = "removed"
    """The change takes away `name` (of `table`), which the code in `places` uses; `action` is its kind."""


class Embed(Struct, frozen=True, array_like=True):
    """One step from a table to a related one: `author:users!posts_author_fkey` goes to `users` by that foreign key."""

    name: str
    hint: str | None = None


class Declared(Struct, frozen=True, array_like=True):
    """An object of generated types. `kind` is table, view or enum; `parts` are its columns or its values."""

    kind: str
    schema: str
    name: str
    parts: tuple[str, ...]
    line: int


class Usage(Struct, frozen=True, omit_defaults=True):
    """One use of one thing. `schema` is None where the code leaves it to the default.

    `language` is typescript, javascript or python; `via` is the library: supabase-js, supabase-py, sql, drizzle,
    generated types. `action` is the method that names it (select, eq, insert, ...). `complete` tells that `names` are
    all there are, with no spread or variable beside them. `maybe` are other names of the thing that would do as well.
    `places` are those of `names`, or of all uses of what is removed.
    """

    what: What
    name: str
    location: Location
    language: str = "typescript"
    via: str = "supabase-js"
    schema: str | None = None
    table: str | None = None
    path: tuple[Embed, ...] = ()
    action: str = ""
    names: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    complete: bool = True
    maybe: tuple[str, ...] = ()
    declared: tuple[Declared, ...] = ()
    places: tuple[Location, ...] = ()
