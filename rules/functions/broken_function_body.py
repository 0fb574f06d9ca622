from collections.abc import Iterator

from pgassay.model import Location, Match, Step
from pgassay.sql import names
from pgassay.sql.positions import within


def check(step: Step) -> Iterator[Match]:
    for left in step.breaks:
        yield Match(
            step.statement,
            subject=f"{left.function}: {left.lost}",
            breaks=left.function,
            lost=left.lost,
            now=left.said,
            sqlstate=left.sqlstate,
        )
    if not step.missing_in_body and not step.broken_body:
        return
    function = names.dotted(step.statement.tree.funcname)
    for missing in step.missing_in_body:
        yield Match(
            place(step, missing.offset),
            subject=f"{function}: {missing.relation}" + (f".{missing.column}" if missing.column else ""),
            function=function,
            absent=missing.column or missing.relation,
            column=missing.column,
            of_table=missing.relation if missing.column else None,
            relation=missing.relation if not missing.column and not missing.elsewhere else None,
            unqualified=missing.relation if missing.elsewhere else None,
            elsewhere=missing.elsewhere,
            empty_path="''" if missing.elsewhere and missing.search_path in ('""', "") else None,
            search_path=missing.search_path if missing.search_path not in ('""', "") else None,
        )
    is_trigger = step.statement.kind == "CREATE TRIGGER"
    for broken in step.broken_body:
        yield Match(
            place(step, broken.offset),
            subject=f"{function}: {broken.said}",
            function=function,
            said=None if is_trigger else broken.said,
            triggered=broken.said if is_trigger else None,
            sqlstate=broken.sqlstate,
            for_table=broken.table,
        )


def place(step: Step, offset: int) -> Location:
    at = within(step.statement, offset, offset + 1)
    return Location(at.path, at.start_line, at.start_line)
