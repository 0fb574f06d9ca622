from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import commands, durations, edits, locate, names

LOCK = "ShareRowExclusiveLock"


def check(step: Step) -> Iterator[Match]:
    """A key on an added column without a default reads nothing, nor does one that is not valid: the server tells."""
    rewritten = {table.oid for table in step.rewrites}
    held = {lock.relation.name: lock.relation for lock in step.held if lock.mode == LOCK}
    keys = [node for kind, node in commands.constraints(step.statement) if kind == "CONSTR_FOREIGN"]
    for child in step.scans:
        if not keys or child.name not in held or child.oid in rewritten:
            continue
        if names.relation(step.statement.tree.relation).rpartition(".")[2] != child.name.rpartition(".")[2]:
            continue
        wanted = {node.pktable.relname for node in keys if not node.skip_validation}
        parents = tuple(
            sorted(name for name, table in held.items() if name.rpartition(".")[2] in wanted and table.kind == "table")
        )
        if parents:
            parts = locate.parts(step.statement)
            only = step.statement.text[parts[0].start : parts[0].end] if len(parts) == 1 else None
            tried = durations.tried(step)
            wait = durations.wait(durations.FOREIGN_KEY, child.rows, tried)
            yield Match(
                locate.part_location(step.statement, parts[0]) if only else edits.first_line(step.statement),
                subject=f"{child.name} and {', '.join(parents)}",
                table=child.name,
                others=tuple(name for name in parents if name != child.name),
                not_valid=f"{only} not valid"
                if only and "--" not in only and step.statement.tree.cmds[0].alter_table_cmd.name == ""
                else None,
                rows=wait.rows,
                seconds=wait.seconds,
                minutes=wait.minutes,
                hours=wait.hours,
                took=tried.took,
                tried=tried.rows,
                meanwhile=tried.closed,
            )
