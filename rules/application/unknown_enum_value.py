from collections.abc import Iterator

from pgassay.model import Match, Schema, Usage, What
from pgassay.model.schema import nearest

WRITES = ("insert", "update", "upsert")


def check(usage: Usage, schema: Schema) -> Iterator[Match]:
    table = schema.reached(usage) if usage.what is What.VALUE else None
    column = table.columns.get(usage.name) if table else None
    if table is None or column is None or column.type.endswith("[]"):
        return
    enum = schema.values_of(table, usage.name)
    # Who asks for such rows gets none, and what a trigger puts in its place nobody can tell.
    checked = column.allowed if usage.action in WRITES and not table.fills_rows else None
    values = enum or checked or ()
    for value in usage.values:
        if values and value not in values:
            name = f"{table.display}.{usage.name}"
            yield Match(
                usage.location,
                subject=f"{name} {value}",
                value=value,
                column=name if enum else None,
                checked=None if enum else name,
                nearest=nearest(value, values),
                values=values,
            )
