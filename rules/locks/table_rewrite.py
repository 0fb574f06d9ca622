from collections.abc import Iterator

from pgassay.model import Location, Match, Statement, Step
from pgassay.sql import edits, locate

# These say in their own name that they write a table anew.
MEANT = ("TRUNCATE TABLE", "CLUSTER", "VACUUM", "REFRESH MATERIALIZED VIEW", "REINDEX")


def check(step: Step) -> Iterator[Match]:
    if step.statement.kind in MEANT:
        return
    for table in step.rewrites:
        if table.existed and table.kind in ("table", "materialized view"):
            yield Match(spot(step.statement), table=table.name, label="ACCESS EXCLUSIVE for the whole rewrite")


def spot(statement: Statement) -> Location:
    """The one command of ALTER TABLE; the statement's first line where several could have done it."""
    commands = locate.parts(statement)
    return locate.part_location(statement, commands[0]) if len(commands) == 1 else edits.first_line(statement)
