"""The usages that a change adds or breaks and that find nothing in the schema."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from pgassay.application.files import Code
from pgassay.application.lost import Lost
from pgassay.model import Schema, Usage, What


class Meeting(Struct, frozen=True):
    """Code and the schema that it meets."""

    usages: tuple[Usage, ...]
    schema: Schema
    code: Code
    lost: Lost


def wanted(meeting: Meeting) -> Iterator[Usage]:
    """With those that ask for columns of tables that are not there: they tell what such a table must have."""
    schema = meeting.schema
    former = schema.former or schema
    if meeting.lost.is_most(schema):
        return
    for usage in meeting.usages:
        if _is_there(usage, schema) or meeting.lost.hides(usage, schema):
            continue
        if meeting.code.is_new(usage.location.path, usage.location.lines) or _is_there(usage, former):
            yield usage


def _is_there(usage: Usage, schema: Schema) -> bool:
    if usage.what is What.TABLE:
        return schema.table(usage.schema, usage.name) is not None
    if usage.what is What.COLUMN and not usage.path and usage.table:
        table = schema.table(usage.schema, usage.table)
        return table is not None and schema.has_column(table, usage.name)
    return True
