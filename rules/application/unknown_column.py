from collections.abc import Iterator

from pgassay.model import Match, Schema, Usage, What
from pgassay.model.schema import nearest


def check(usage: Usage, schema: Schema) -> Iterator[Match]:
    table = schema.reached(usage) if usage.what is What.COLUMN else None
    if table is None or schema.has_column(table, usage.name):
        return
    renamed = schema.renamed_column(table, usage.name)
    elsewhere = schema.tables_with(usage.name, table)
    close = nearest(usage.name, table.columns)
    yield Match(
        usage.location,
        subject=f"{table.display}.{usage.name}",
        column=usage.name,
        table=table.display,
        renamed=renamed,
        nearest=None if renamed else close,
        elsewhere=elsewhere if not renamed and not close and len(elsewhere) < 3 else (),
        columns=tuple(table.columns),
    )
