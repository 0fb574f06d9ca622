from collections.abc import Iterator

from pgassay.model import Match, Schema, Usage, What


def check(usage: Usage, schema: Schema) -> Iterator[Match]:
    if usage.what is What.TABLE and schema.table(usage.schema, usage.name) is None:
        renamed = schema.renamed_table(usage.schema, usage.name)
        yield Match(
            usage.location,
            table=f"{usage.schema}.{usage.name}" if usage.schema else usage.name,
            renamed=renamed,
            nearest=None if renamed else schema.nearest_table(usage.schema, usage.name),
        )
