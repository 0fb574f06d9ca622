from collections.abc import Iterator

from pgassay.model import Location, Match, Statement, Step
from pgassay.sql import durations, edits, locate

# These say in their own name that they write a table anew.
MEANT = ("TRUNCATE TABLE", "CLUSTER", "VACUUM", "REFRESH MATERIALIZED VIEW", "REINDEX")


def check(step: Step) -> Iterator[Match]:
    if step.statement.kind in MEANT:
        return
    # A DO block may truncate too.
    emptied = {each.table.oid for each in step.emptied}
    for table in step.rewrites:
        if table.existed and table.kind in ("table", "materialized view") and table.oid not in emptied:
            tried = durations.tried(step, table.name)
            wait = durations.wait(durations.REWRITE, table.rows, tried)
            yield Match(
                spot(step.statement),
                table=table.name,
                label="ACCESS EXCLUSIVE for the whole rewrite",
                rows=wait.rows,
                seconds=wait.seconds,
                minutes=wait.minutes,
                hours=wait.hours,
                took=tried.took,
                tried=tried.rows,
                meanwhile=tried.closed,
            )


def spot(statement: Statement) -> Location:
    """The one command of ALTER TABLE; the statement's first line where several could have done it."""
    commands = locate.parts(statement)
    return locate.part_location(statement, commands[0]) if len(commands) == 1 else edits.first_line(statement)
