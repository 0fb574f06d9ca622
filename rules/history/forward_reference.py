from collections.abc import Iterator

from pgassay.model import Match, Step, file_name
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    error, missing = step.error, step.missing
    later = missing.created_later if missing else None
    if error is None or missing is None or later is None:
        return
    file, later_file = name(step.migration.path), name(later.path)
    below = later.path == step.migration.path
    first = later_file if not below and not missing.needed_back else None
    yield Match(
        edits.error_location(step.statement, error),
        subject=missing.name,
        related=(later,),
        needed=None if below else missing.name,
        later_file=later_file,
        needed_above=missing.name if below else None,
        line_below=later.start_line if below else None,
        later_first=first,
        file=file,
        order=(later_file, file) if first else None,
        later_with_both=later_file if missing.needed_back else None,
        error=error.message,
        sqlstate=error.sqlstate,
        consequences=step.consequences or None,
    )


def name(path: str) -> str:
    return file_name(path)
