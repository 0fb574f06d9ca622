from collections.abc import Iterator

from pgassay.model import Match, Schema, Usage, What
from pgassay.model.schema import PLATFORM


def check(usage: Usage, schema: Schema) -> Iterator[Match]:
    if usage.what is not What.GENERATED:
        return
    gone: list[str] = []
    absent: list[str] = []
    # What the platform has in its own schemas changes with its versions.
    declared_here = [each for each in usage.declared if each.schema not in PLATFORM]
    tables = [each for each in declared_here if each.kind != "enum"]
    known = [each for each in tables if schema.table(each.schema, each.name)]
    if len(known) * 2 < len(tables):
        # The types of another database.
        return
    for each in tables:
        table = schema.table(each.schema, each.name)
        name = each.name if each.schema == "public" else f"{each.schema}.{each.name}"
        if table is None:
            gone.append(name)
            continue
        gone += (f"{name}.{part}" for part in each.parts if not schema.has_column(table, part))
        absent += (f"{name}.{column}" for column in table.columns if column not in each.parts)
    schemas = {each.schema for each in tables if each.kind == "table"}
    declared = {(each.schema, each.name) for each in tables}
    absent += (
        each.display
        for each in schema.tables
        if each.schema in schemas and (each.schema, each.name) not in declared and each.kind == "table"
    )
    for each in declared_here:
        values = schema.enum(each.schema, each.name) if each.kind == "enum" else None
        if values is not None:
            gone += (f"{each.name} {value}" for value in each.parts if value not in values)
            absent += (f"{each.name} {value}" for value in values if value not in each.parts)
    if gone or absent:
        yield Match(
            usage.location, subject=usage.location.path, gone=tuple(gone), absent=tuple(absent), types=usage.name
        )
