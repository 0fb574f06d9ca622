"""From failed statements to the few that are worth a word: causes before consequences. Pure.

"relation x does not exist" says nothing new when the statement that would have made x failed before, and it says
something else when no file makes x at all.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from pgassay.model import Location, Migration, MissingObject, ServerError, Statement, Step, Unchecked
from pgassay.postgres.extensions import limit_of_stand_in
from pgassay.sql import names

# undefined_table, undefined_column, undefined_object, undefined_function, invalid_schema_name
_UNDEFINED = frozenset({"42P01", "42703", "42704", "42883", "3F000"})
_MISSING = (
    re.compile(r'column "(?P<column>[^"]+)" of relation "(?P<table>[^"]+)" does not exist'),
    re.compile(r"column (?P<table>\w+)\.(?P<column>\w+) does not exist"),
    re.compile(
        r"(?:relation|type|schema|role|publication|extension|collation|server|foreign-data wrapper|event trigger)"
        r' "(?P<name>[^"]+)" does not exist'
    ),
    re.compile(r'(?:policy|trigger) "(?P<part>[^"]+)" for (?:table|relation) "(?P<table>[^"]+)" does not exist'),
    re.compile(r"(?:function|procedure|aggregate) (?P<name>[^(]+)\(.*\) does not exist"),
    re.compile(r'could not find an? (?:function|procedure|aggregate) named "(?P<name>[^"]+)"'),
)


class Failure(Struct, frozen=True):
    """One statement that the server refused."""

    migration: Migration
    statement: Statement
    error: ServerError


class Reason(Enum):
    OWN = "own"
    """Its own fault: a syntax error, a duplicate, data that is not there."""
    LATER = "later"
    """It needs what a later file creates."""
    NOWHERE = "nowhere"
    """It needs what no file creates."""
    UNKNOWABLE = "unknowable"
    """It needs what was not run here: an extension that the server has not got, a migration that is no SQL."""
    CONSEQUENCE = "consequence"
    """It needs what a failed statement before it would have created, or what one before it already missed."""


class Explained(Struct, frozen=True):
    """`cause` is the index of the failure that this one follows from."""

    failure: Failure
    reason: Reason
    name: str | None = None
    later: Location | None = None
    needed_back: bool = False
    nearest: str | None = None
    cause: int | None = None

    @property
    def later_in(self) -> str | None:
        return self.later.path if self.later else None


def is_about_rows(error: ServerError) -> bool:
    """A foreign key without its row, or an exception that the migration raises itself: there are no rows here."""
    return error.sqlstate in ("23503", "P0001", "P0002", "P0004")


def missing_name(error: ServerError) -> str | None:
    """The object that the server did not find, in the normal form of `names`; its message where that names none."""
    if error.sqlstate not in _UNDEFINED:
        return None
    for pattern in _MISSING:
        found = pattern.match(error.message)
        if found:
            groups = found.groupdict()
            if "part" in groups:
                return f"{groups['part']} on {_normal(groups['table'])}"
            if "column" in groups:
                return f"{_normal(groups['table'])}.{groups['column']}"
            return _normal(groups["name"])
    # Some messages do not say of which table: the words themselves tell the same cause from another.
    return error.message


def explain(
    failures: Sequence[Failure],
    migrations: Sequence[Migration],
    *,
    blind: bool = False,
    server_is_at_fault: Callable[[ServerError], bool] = lambda _: False,
    there: frozenset[str] = frozenset(),
) -> list[Explained]:
    """One explanation per failure, in their order. `migrations` is every file in the order it ran.

    `blind` tells that something was not run which may well create what no file does: an extension that could not even
    be stood in for, a migration that is no SQL. `there` are names that the server has in some schema.
    """
    order = {migration.path: n for n, migration in enumerate(migrations)}
    not_made: dict[str, int] = {}
    explained: list[Explained] = []
    for n, failure in enumerate(failures):
        name = missing_name(failure.error)
        entry = Explained(failure, Reason.OWN, name)
        if name:
            here = order.get(failure.migration.path, 0)
            made_since = {k for k, each in enumerate(explained) if each.later_in and order[each.later_in] < here}
            cause = _lookup(name, {made: k for made, k in not_made.items() if k not in made_since})
            if cause is None:
                cause = _undone(name, failures[:n])
            if cause is not None:
                first = explained[cause].cause
                entry = Explained(failure, Reason.CONSEQUENCE, name, cause=cause if first is None else first)
            elif later := _created_in(name, migrations[here:], failure.statement):
                back = _needs(later.path, migrations[here:], failure.migration)
                reason = Reason.LATER if later.path == failure.migration.path else _order(later.path, migrations)
                entry = Explained(failure, reason, name, later, needed_back=back)
            elif blind:
                entry = Explained(failure, Reason.UNKNOWABLE, name)
            elif name not in there and not _was_there(name, migrations[: here + 1], failure.statement):
                entry = Explained(failure, Reason.NOWHERE, name, nearest=_nearest(name, migrations[:here]))
            not_made.setdefault(name, n)
        elif limit_of_stand_in(failure.error) or server_is_at_fault(failure.error):
            entry = Explained(failure, Reason.UNKNOWABLE)
        for made in names.creates(failure.statement):
            before = not_made.setdefault(made, n)
            if before < n and explained[before].later_in:
                # Needed too early by that one, and not made here either.
                not_made[made] = n
        explained.append(entry)
    return explained


def judge_steps(
    steps: Iterable[Step], explained: Sequence[Explained], first_proposed: int, *, incomplete: bool = False
) -> tuple[list[Step], int]:
    """The steps without the failures that are consequences or rest on an incomplete base, and how many those rest on.

    `explained` holds the failures of the base first; those of the steps begin at `first_proposed`, in their order.
    `incomplete` says that others make what no file creates even though no failure of the base shows that.
    """
    incomplete = incomplete or any(entry.reason is Reason.NOWHERE for entry in explained[:first_proposed])
    followers = [entry.cause for entry in explained if entry.cause is not None]
    kept: list[Step] = []
    unjudged = 0
    n = first_proposed
    for step in steps:
        if step.error is None:
            kept.append(step)
            continue
        entry = explained[n]
        source = entry if entry.cause is None else explained[entry.cause]
        rests_on_base = entry.cause is not None and entry.cause < first_proposed
        unknowable = entry.reason is Reason.UNKNOWABLE or (incomplete and source.reason is Reason.NOWHERE)
        if rests_on_base or unknowable:
            unjudged += 1
        elif entry.reason is not Reason.CONSEQUENCE:
            named = entry.name if entry.name != step.error.message else None
            known = named and entry.reason in (Reason.LATER, Reason.NOWHERE)
            missing = _missing(entry, named) if named and known else None
            kept.append(replace(step, missing=missing, consequences=followers.count(n)))
        n += 1
    return kept, unjudged


def _missing(entry: Explained, name: str) -> MissingObject:
    return MissingObject(name, entry.later, entry.needed_back, entry.nearest)


def base_note(base: Sequence[Migration], explained: Sequence[Explained], unjudged: int) -> Unchecked | None:
    """One entry for all merged files that do not apply, first cause first; `unjudged` proposed statements need them."""
    if not explained:
        return None
    failed = {entry.failure.migration.path for entry in explained}
    first = next(entry for entry in explained if entry.reason is not Reason.CONSEQUENCE)
    where = first.failure.statement.location
    told = {Reason.NOWHERE: " (no file creates it)", Reason.LATER: f" (only {first.later_in} creates it)"}
    what = f"{len(failed)} of {len(base)} merged files do not apply to an empty server"
    if unjudged:
        what += f", so {unjudged} proposed {'statement was' if unjudged == 1 else 'statements were'} not judged"
    outside = any(entry.reason is Reason.NOWHERE for entry in explained)
    return Unchecked(
        what,
        f"first cause: {where.path}:{where.start_line}: {first.failure.error.message}{told.get(first.reason, '')}",
        'pg_dump --schema-only > baseline.sql, then baseline = "baseline.sql" in pgassay.toml' if outside else None,
        essential=unjudged > 0,
    )


def unjudged_note(proposed: Sequence[Explained], unjudged: int) -> Unchecked | None:
    """For proposed statements that need what was not run here, where no merged file is to blame."""
    entry = next((entry for entry in proposed if entry.reason is Reason.UNKNOWABLE), None)
    if not unjudged or entry is None:
        return None
    first = entry.failure
    where = first.statement.location
    why = "what it takes is not on the throwaway server"
    if entry.later_in:
        why = f"{entry.later_in} creates what it takes, and has no number that says when it is run"
    return Unchecked(
        f"{unjudged} proposed {'statement was' if unjudged == 1 else 'statements were'} not judged",
        f"{why}: {where.path}:{where.start_line}: {first.error.message}",
        essential=True,
    )


def _lookup(name: str, not_made: dict[str, int]) -> int | None:
    """The failure that should have made the name, or the table that the column is of."""
    for candidate in (name, name.rpartition(".")[0]):
        if candidate in not_made:
            return not_made[candidate]
    return next((n for made, n in not_made.items() if made.endswith(f".{name}")), None)


def _undone(name: str, failures: Sequence[Failure]) -> int | None:
    """The COMMIT that failed, or the end of the file that did, and took the statement that made the name with it."""
    for n, failure in enumerate(failures):
        statements = failure.migration.up
        # Only constraints and their triggers can wait until then.
        waited = failure.error.sqlstate.startswith(("23", "P0"))
        if waited and (failure.statement.kind == "COMMIT" or failure.statement is statements[-1]):
            before = (other for other in statements if other.start < failure.statement.start)
            if any(_makes(other, name) for other in before):
                return n
    return None


def _created_in(name: str, migrations: Sequence[Migration], statement: Statement) -> Location | None:
    for i, migration in enumerate(migrations):
        if _speaks_of(name, migration):
            for other in migration.up:
                if (i > 0 or other.start > statement.start) and _makes(other, name):
                    return other.location
    return None


def _order(path: str, migrations: Sequence[Migration]) -> Reason:
    """Nobody knows when a file without a number is run that people run by hand."""
    later = next(migration for migration in migrations if migration.path == path)
    return Reason.LATER if later.version or later.runs_once else Reason.UNKNOWABLE


def _needs(path: str, migrations: Sequence[Migration], own: Migration) -> bool:
    """Whether the file speaks of what this one creates."""
    later = next((migration for migration in migrations if migration.path == path), own)
    made = {re.split(r"[. ]", name)[0 if " on " in name else -1] for each in own.up for name in names.creates(each)}
    words = set(re.findall(r"\w+", later.text.casefold()))
    return later is not own and any(name.casefold() in words for name in made)


def _nearest(name: str, migrations: Sequence[Migration]) -> str | None:
    """A table of the merged files with nearly this name. By the text: those files are not parsed for a hint."""
    found = (
        re.findall(r"create\s+(?:table|view)\s+(?:if\s+not\s+exists\s+)?([\w.\"]+)", each.text, re.I)
        for each in migrations
    )
    tables = {_normal(table) for tables in found for table in tables}
    near = difflib.get_close_matches(name, sorted(tables - {name}), n=1, cutoff=0.7)
    return near[0] if near else None


def _was_there(name: str, migrations: Sequence[Migration], statement: Statement) -> bool:
    """Some statement before this one made it, so it was dropped or renamed since."""
    *earlier, own = migrations
    before = (other for migration in earlier if _speaks_of(name, migration) for other in migration.up)
    above = (other for other in own.up if other.start < statement.start)
    return any(_makes(other, name) for other in (*before, *above))


def _speaks_of(name: str, migration: Migration) -> bool:
    """Spares parsing files of which nothing else is known yet."""
    return re.split(r"[. ]", name)[-1].casefold() in migration.text.casefold()


def _makes(statement: Statement, name: str) -> bool:
    made = names.creates(statement)
    if type(statement.tree).__name__ == "CreateStmt":
        columns = (
            node.column_def.colname for node in statement.tree.table_elts if node.WhichOneof("node") == "column_def"
        )
        made = (*made, *(f"{made[0]}.{column}" for column in columns))
    return any(each == name or each.endswith(f".{name}") for each in made)


def _normal(name: str) -> str:
    return name.strip().removeprefix("public.").replace('"', "")
