import re
from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import commands, durations, edits, locate, strengths

READS_ALL = ("ALTER TABLE", "ALTER DOMAIN", "DO", "CALL")


BODIES = ("DO", "CALL")
CHECKS = re.compile(r"\bset\s+not\s+null\b|\bcheck\s*\(", re.I)


def check(step: Step) -> Iterator[Match]:
    statement = step.statement
    subtypes = commands.subtypes(statement)
    kinds = {kind for kind, _ in commands.constraints(statement)}
    # Foreign keys and VALIDATE CONSTRAINT have rules of their own.
    if statement.kind not in READS_ALL or "AT_ValidateConstraint" in subtypes or "CONSTR_FOREIGN" in kinds:
        return
    # So have tables that are written anew and indexes that are built.
    told = {table.oid for table in step.rewrites} | {index.table.oid for index in step.built_indexes}
    for table in step.scans:
        # A body may also just count rows under the lock of an earlier statement, in production by an index.
        locks, checks = (step.locks, CHECKS.search(statement.text)) if statement.kind in BODIES else (step.held, True)
        lock = strengths.strongest(locks, table.oid)
        if not checks or lock != "ACCESS EXCLUSIVE" or table.kind != "table" or table.partition or table.oid in told:
            continue
        parts = locate.parts(statement)
        only = statement.text[parts[0].start : parts[0].end] if len(parts) == 1 else ""
        added = bool(only) and "AT_AddConstraint" in subtypes and "CONSTR_CHECK" in kinds and "--" not in only
        tried = durations.tried(step, table.name)
        wait = durations.wait(durations.SCAN, table.rows, tried)
        yield Match(
            locate.part_location(statement, parts[0]) if only else edits.first_line(statement),
            table=table.name,
            lock=lock,
            required=commands.named(statement, "AT_SetNotNull"),
            constraint=f"{only} not valid" if added else None,
            checked=table.name if "CONSTR_CHECK" in kinds and not added else None,
            partition=table.name if "AT_AttachPartition" in subtypes else None,
            rows=wait.rows,
            seconds=wait.seconds,
            minutes=wait.minutes,
            hours=wait.hours,
            took=tried.took,
            tried=tried.rows,
            meanwhile=tried.closed,
        )
