"""What was seen while a statement ran."""

from __future__ import annotations

from msgspec import Struct

from pgassay.model.blocked import Blocked
from pgassay.model.migration import Migration, Statement
from pgassay.model.place import Location


class Relation(Struct, frozen=True):
    """A table, view, index or sequence as the catalog names it.

    `name` leaves `public.` away. `existed` tells whether it was there before the first proposed statement. `rows` is
    what the settings say of the table in production. `partition` tells whether it is one.
    """

    oid: int
    name: str
    kind: str
    existed: bool
    rows: int | None = None
    partition: bool = False


class Lock(Struct, frozen=True):
    relation: Relation
    mode: str


class Notice(Struct, frozen=True):
    severity: str
    sqlstate: str
    message: str
    detail: str | None = None
    hint: str | None = None


class ServerError(Struct, frozen=True):
    """What the server refused, in its own words. `position` is a character offset into the statement's text."""

    sqlstate: str
    message: str
    detail: str | None = None
    hint: str | None = None
    context: str | None = None
    position: int | None = None


class BuiltIndex(Struct, frozen=True):
    name: str
    table: Relation
    concurrently: bool


class Dropped(Struct, frozen=True):
    """An object that was committed before this statement and is gone after it.

    `kind` and `name` are PostgreSQL's description split in two: `constraint`, `payments_session_id_fkey on payments`.
    `named` tells whether the statement itself asked for it, `cascaded` whether it went along with something else by
    CASCADE. `restored` tells whether the change makes it again later; of a constraint also whether another one does the
    same, or, without CASCADE, its table goes too.
    `schema` is the schema that went with it. `detail` says what a constraint was: `unique`.
    """

    kind: str
    name: str
    named: bool
    restored: bool = False
    cascaded: bool = False
    schema: str | None = None
    detail: str | None = None


class Renamed(Struct, frozen=True):
    """A table, view or column that was there before the change and has another name, or another schema, since.

    `replaced` tells whether something has the old name when the change is through.
    """

    kind: str
    before: str
    after: str
    replaced: bool = False


class Retyped(Struct, frozen=True):
    """A column that was there before the change, with its types as PostgreSQL writes them.

    `lost_labels` are those of an enum that the new one has not got.
    """

    table: Relation
    column: str
    before: str
    after: str
    lost_labels: tuple[str, ...] = ()


class Emptied(Struct, frozen=True):
    """A table that was truncated. `named` tells whether the statement itself asked for it.

    `refilled` tells whether a later statement of the change inserts into it.
    """

    table: Relation
    named: bool
    refilled: bool = False


class Target(Struct, frozen=True):
    """The table that an UPDATE or DELETE writes to, and those of its columns that were there before the change."""

    table: Relation
    columns: frozenset[str]
    refilled: bool = False


class ColumnShape(Struct, frozen=True):
    name: str
    type: str


class SkippedTable(Struct, frozen=True):
    """A `CREATE TABLE IF NOT EXISTS` that did nothing, and what the table that is there lacks of the declared one."""

    table: Relation
    missing: tuple[ColumnShape, ...] = ()
    differing: tuple[tuple[ColumnShape, ColumnShape], ...] = ()


class Mismatch(Struct, frozen=True):
    """A guard that passed over something of another shape. `kind` is column, index or type.

    An index has the `table` that it was meant for, and `elsewhere` when the one of that name is on another one. A type
    has the values that are `missing` of it.
    """

    kind: str
    name: str
    declared: str
    actual: str
    table: str | None = None
    elsewhere: str | None = None
    missing: tuple[str, ...] = ()


class MissingInBody(Struct, frozen=True):
    """What the body of a function names and nobody has: a relation, or a `column` of it that is written.

    `offset` is where that statement begins, in characters of the migration's statement. `elsewhere` is one of that name
    outside the function's own `search_path`.
    """

    relation: str
    offset: int
    column: str | None = None
    elsewhere: str | None = None
    search_path: str | None = None


class BrokenBody(Struct, frozen=True):
    """What the server says of a function's body. `offset` as in MissingInBody, `table` that of its trigger."""

    said: str
    sqlstate: str
    offset: int
    table: str | None = None


class BrokenFunction(Struct, frozen=True):
    """A function that was there before the change, and what the server says of its body since `lost` has gone."""

    function: str
    said: str
    sqlstate: str
    lost: str


class KeptRight(Struct, frozen=True):
    """A right that a REVOKE named, and that the role has at the end of the change all the same.

    `kind` is f for a function, r for a relation, n for a schema. `through` is PUBLIC or the role whose grant gives it.
    `own` tells of a REVOKE from PUBLIC that left a grant of the role's own, which the change has not made.
    """

    kind: str
    object: str
    role: str
    privilege: str
    through: str
    own: bool = False


class MissingObject(Struct, frozen=True):
    """What a failed statement needed. No file creates it, or the statement at `created_later` does, which is too late.

    `needed_back` tells that the file with that statement needs in turn what this one creates, so that neither can run
    first. `nearest` is a name that some file does create.
    """

    name: str
    created_later: Location | None = None
    needed_back: bool = False
    nearest: str | None = None


class Replaced(Struct, frozen=True):
    """A `CREATE OR REPLACE FUNCTION` that did not simply replace one.

    `beside` are functions of before the change with nearly its arguments, which it left alone. `lost` is what the
    function that it did replace had: `security definer`, `set search_path = public`.
    """

    oid: int
    function: str
    beside: tuple[str, ...] = ()
    beside_oids: tuple[int, ...] = ()
    lost: tuple[str, ...] = ()


class Step(Struct, frozen=True):
    """One proposed statement and what was seen while it ran. All but `error` is empty when it failed.

    `locks` are those that this statement added, `held` all that its transaction holds after it; both on relations that
    were there before the change. What runs in no transaction (CREATE INDEX CONCURRENTLY) was seen to hold or to ask for
    them on tables that it names. `rewrites` are relations with a new storage file, `scans` were read row by row.
    `target` is None for a table of the same change. `seconds` is wall-clock time.
    `consequences` counts the later statements of the change that failed only because this one did.
    `kept_rights` are those that a REVOKE named and that are there all the same.
    `blocked` tells who waited for it when its tables had many rows, where that was tried.
    `closed` are tables that it took the last policy from, with none at the end of the change and row level security on.
    """

    statement: Statement
    migration: Migration
    seconds: float = 0.0
    locks: tuple[Lock, ...] = ()
    held: tuple[Lock, ...] = ()
    rewrites: tuple[Relation, ...] = ()
    scans: tuple[Relation, ...] = ()
    built_indexes: tuple[BuiltIndex, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    retyped: tuple[Retyped, ...] = ()
    emptied: tuple[Emptied, ...] = ()
    target: Target | None = None
    skipped: tuple[SkippedTable, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    replaced: Replaced | None = None
    notices: tuple[Notice, ...] = ()
    error: ServerError | None = None
    missing: MissingObject | None = None
    kept_rights: tuple[KeptRight, ...] = ()
    missing_in_body: tuple[MissingInBody, ...] = ()
    broken_body: tuple[BrokenBody, ...] = ()
    breaks: tuple[BrokenFunction, ...] = ()
    closed: tuple[str, ...] = ()
    consequences: int = 0
    blocked: Blocked | None = None
