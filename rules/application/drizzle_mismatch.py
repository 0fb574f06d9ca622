from collections.abc import Iterator

from pgassay.model import Match, Schema, Usage, What
from pgassay.model.schema import nearest


def check(usage: Usage, schema: Schema) -> Iterator[Match]:
    if usage.what is What.DRIZZLE_ENUM:
        values = schema.enum(usage.schema or "public", usage.name)
        unknown = tuple(value for value in usage.values if values is not None and value not in values)
        if unknown:
            yield Match(usage.location, subject=usage.name, enum=usage.name, values=unknown)
        return
    if usage.what is not What.DRIZZLE_TABLE:
        return
    table = schema.table(usage.schema, usage.name)
    name = f"{usage.schema}.{usage.name}" if usage.schema else usage.name
    if table is None:
        renamed = schema.renamed_table(usage.schema, usage.name)
        close = None if renamed else schema.nearest_table(usage.schema, usage.name)
        yield Match(usage.location, subject=name, missing=name, renamed=renamed, nearest=close)
        return
    for column, other, place in zip(usage.names, usage.maybe, usage.places, strict=True):
        if column not in table.columns and other not in table.columns:
            renamed = schema.renamed_column(table, column)
            close = None if renamed else nearest(column, table.columns)
            subject = f"{table.display}.{column}"
            yield Match(place, subject=subject, column=column, table=table.display, renamed=renamed, nearest=close)
