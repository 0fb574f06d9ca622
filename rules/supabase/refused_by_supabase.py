from collections.abc import Iterator

from pgassay.model import Edit, Match, Migration, Statement
from pgassay.sql import edits
from pgassay.supabase.refusals import refusal


def check(statement: Statement, migration: Migration) -> Iterator[Match]:
    refused = refusal(statement)
    if refused is None:
        return
    yield Match(
        edits.first_line(statement),
        subject=f"{refused.object}: {statement.kind.lower()}",
        words=refused.words,
        closed_schema=refused.create,
        kept=refused.keep,
        protected=refused.protected,
        edit=_left_out(statement, migration, refused.protected) if refused.protected else None,
    )


def _left_out(statement: Statement, migration: Migration, table: str) -> Edit | None:
    """Only where nothing else stands on the same lines."""
    at = statement.location
    lines = migration.text.split("\n")[at.start_line - 1 : at.end_line]
    if "\n".join(lines).strip() != f"{statement.text};":
        return None
    return Edit(at, f"-- Row level security is on for {table} already.")
