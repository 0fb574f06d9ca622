from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    for schema in step.dropped:
        if schema.kind != "schema" or schema.restored:
            continue
        # An empty schema is no loss.
        tables = tuple(
            each.name
            for each in step.dropped
            if each.kind == "table" and each.schema == schema.name and not each.restored
        )
        if tables:
            yield Match(edits.first_line(step.statement), schema=schema.name, tables=tables)
