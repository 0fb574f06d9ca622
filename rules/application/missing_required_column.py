from collections.abc import Iterator

from pgassay.model import Match, Schema, Usage, What


def check(usage: Usage, schema: Schema) -> Iterator[Match]:
    if usage.what is not What.ROW or not usage.complete:
        return
    table = schema.reached(usage)
    if table is None or table.is_view or table.fills_rows:
        return
    # Under its old name: that it was renamed is told already.
    given = {*usage.names, *(schema.renamed_column(table, name) for name in usage.names)}
    missing = tuple(each.name for each in table.columns.values() if each.required and each.name not in given)
    if missing:
        types = tuple(f"{name} {table.columns[name].type} not null" for name in missing)
        yield Match(usage.location, subject=table.display, table=table.display, missing=missing, types=types)
