from collections.abc import Iterator

from pgassay.model import Match, Schema, Usage, What


def check(usage: Usage, schema: Schema) -> Iterator[Match]:
    if usage.what is not What.REMOVED:
        return
    former = schema.former or schema
    old = next((each for each in former.tables if each.display == usage.table), None)
    now = next((each for each in schema.tables if old and each.oid == old.oid), None)
    match usage.action:
        case "column":
            renamed = schema.renamed_column(now, usage.name) if now else None
            name = f"{usage.table}.{usage.name}"
        case "table":
            renamed, name = schema.renamed_table(usage.schema, usage.name.rpartition(".")[2]), usage.name
        case _:
            renamed, name = schema.renamed_function(usage.schema, usage.name.rpartition(".")[2]), usage.name
    yield Match(
        usage.location,
        subject=name,
        related=usage.places,
        kind=usage.action,
        name=name,
        renamed=renamed,
        gone=None if renamed else name,
        uses="1 place" if len(usage.places) == 1 else f"{len(usage.places)} places",
        files=tuple(dict.fromkeys(place.path for place in usage.places)),
    )
