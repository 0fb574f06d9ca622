from collections.abc import Iterator

from msgspec.structs import replace

from pgassay.model import Location, Match, Schema, Usage, What
from pgassay.model.schema import PLATFORM

# undefined_table, undefined_column, invalid_column_reference (nothing unique for ON CONFLICT), an unknown enum value
MEANT = {"42P01": "table", "42703": "column", "42P10": "constraint", "22P02": "value"}


def check(usage: Usage, schema: Schema) -> Iterator[Match]:
    error = schema.refusals.get(usage.name) if usage.what is What.QUERY else None
    if error is None or error.sqlstate not in MEANT or not any(is_here(name, schema) for name in usage.maybe):
        return
    missing = error.message.split('"')[1] if error.message.count('"') > 1 else ""
    if error.sqlstate == "42P01" and schema.elsewhere(missing.rpartition(".")[2]):
        # The connection may have another search path.
        return
    renamed = schema.renamed_table(None, missing) if error.sqlstate == "42P01" else None
    yield Match(
        line_of(usage, error.position),
        subject=f"{', '.join(usage.names)}: {error.message}",
        problem=error.message,
        renamed=renamed,
        nearest=schema.nearest_table(None, missing) if error.sqlstate == "42P01" and not renamed else None,
        hint=error.hint,
        code=error.sqlstate,
    )


def is_here(name: str, schema: Schema) -> bool:
    """Whether the query is for this database at all."""
    own, _, table = name.rpartition(".")
    former = schema.former or schema
    return any(
        each.name == table and (not own or each.schema == own) and each.schema not in PLATFORM
        for each in (*schema.tables, *former.tables)
    )


def line_of(usage: Usage, position: int | None) -> Location:
    """The line of the text that the server's error is in, where the text has the lines of the file."""
    at = usage.location
    if position is None or at.end_line - at.start_line != usage.name.count("\n"):
        return at
    line = at.start_line + usage.name.count("\n", 0, position)
    return replace(at, start_line=line, end_line=line, start_column=None, end_column=None)
