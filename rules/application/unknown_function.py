from collections.abc import Iterator

from pgassay.model import Match, Schema, Usage, What


def check(usage: Usage, schema: Schema) -> Iterator[Match]:
    if usage.what is What.FUNCTION and not schema.overloads(usage.schema, usage.name):
        renamed = schema.renamed_function(usage.schema, usage.name)
        yield Match(
            usage.location,
            function=f"{usage.schema}.{usage.name}" if usage.schema else usage.name,
            renamed=renamed,
            nearest=None if renamed else schema.nearest_function(usage.schema, usage.name),
        )
