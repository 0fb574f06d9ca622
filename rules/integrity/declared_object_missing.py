from collections.abc import Iterator

from pgassay.model import Match, Mismatch, Step
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    for mismatch in step.mismatches:
        kind = mismatch.kind
        yield Match(
            edits.first_line(step.statement),
            subject=mismatch.name,
            column=mismatch.name if kind == "column" else None,
            index=mismatch.name if kind == "index" and not mismatch.elsewhere else None,
            taken_index=mismatch.name if mismatch.elsewhere else None,
            type=mismatch.name if kind == "type" else None,
            actual=mismatch.actual,
            declared=mismatch.declared,
            elsewhere=mismatch.elsewhere,
            table=mismatch.table,
            values=mismatch.missing,
            remedy=remedy(mismatch),
            other_name=mismatch.name if kind == "index" else None,
        )


def remedy(mismatch: Mismatch) -> str | None:
    match mismatch.kind:
        case "column":
            table, _, column = mismatch.name.rpartition(".")
            return f"alter table {table} alter column {column} type {mismatch.declared};"
        case "type":
            value = mismatch.missing[0].replace("'", "''")
            return f"alter type {mismatch.name} add value if not exists '{value}';"
    return None
