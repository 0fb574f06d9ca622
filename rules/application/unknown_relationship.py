from collections.abc import Iterator

from msgspec.structs import replace

from pgassay.model import Match, Schema, Usage, What
from pgassay.model.schema import nearest


def check(usage: Usage, schema: Schema) -> Iterator[Match]:
    if usage.what is not What.RELATIONSHIP:
        return
    *before, step = usage.path
    origin = schema.reached(replace(usage, path=tuple(before)))
    if origin is None or origin.is_view:
        return
    there = schema.table(usage.schema, step.name)
    if there is not None and there.is_view:
        # The API derives relationships of views from the queries behind them.
        return
    several = schema.is_ambiguous(origin, step)
    if schema.related(origin, step) and not several:
        return
    others = {each.name for each in schema.tables if each.schema == origin.schema}
    yield Match(
        usage.location,
        subject=f"{origin.display} {step.name}",
        table=origin.display,
        embedded=step.name,
        hint=step.hint,
        unknown=None if there or several else step.name,
        unrelated=step.name if there and not several and not step.hint else None,
        several=step.name if several else None,
        nearest=None if there else nearest(step.name, others),
    )
