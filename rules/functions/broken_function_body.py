from collections.abc import Iterator

from pgassay.model import Location, Match, Step
from pgassay.sql import names
from pgassay.sql.positions import within


def check(step: Step) -> Iterator[Match]:
    for missing in step.missing_in_body:
        at = within(step.statement, missing.offset, missing.offset + 1)
        function = names.dotted(step.statement.tree.funcname)
        yield Match(
            Location(at.path, at.start_line, at.start_line),
            subject=f"{function}: {missing.relation}" + (f".{missing.column}" if missing.column else ""),
            function=function,
            column=missing.column,
            of_table=missing.relation if missing.column else None,
            relation=missing.relation if not missing.column and not missing.elsewhere else None,
            unqualified=missing.relation if missing.elsewhere else None,
            elsewhere=missing.elsewhere,
            empty_path="''" if missing.elsewhere and missing.search_path in ('""', "") else None,
            search_path=missing.search_path if missing.search_path not in ('""', "") else None,
        )
