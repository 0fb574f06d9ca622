from collections.abc import Iterator

from pgassay.model import Match, Schema, Usage, What
from pgassay.model.schema import nearest


def check(usage: Usage, schema: Schema) -> Iterator[Match]:
    table = schema.reached(usage) if usage.what is What.VALUE else None
    column = table.columns.get(usage.name) if table else None
    if table is None or column is None or column.type.endswith("[]"):
        return
    values = schema.values_of(table, usage.name)
    for value in usage.values:
        if values and value not in values:
            yield Match(
                usage.location,
                subject=f"{table.display}.{usage.name} {value}",
                value=value,
                column=f"{table.display}.{usage.name}",
                nearest=nearest(value, values),
                values=values,
            )
