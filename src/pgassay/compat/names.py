"""How the next file of a folder is called: as the ones before it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from pgassay.model import Migration
from pgassay.model.place import file_name

_DIGITS = re.compile(r"(?P<before>[VRvr]?)(?P<number>\d+)(?P<between>__|[_. -])?")
_WORDS = "keep_the_application_working"


def next_name(migrations: tuple[Migration, ...], now: datetime | None = None) -> str:
    """The path in the folder of migrations. It sorts behind all others."""
    now = now or datetime.now(UTC)
    names = [file_name(migration.path) for migration in migrations]
    found = [match for name in names if (match := _DIGITS.match(name))]
    if not found:
        return f"{now:%Y%m%d%H%M%S}_{_WORDS}.sql"
    last = found[-1]
    latest = max((match["number"] for match in found), key=lambda number: (len(number), number))
    number = _next_number(latest, now)
    if "/" in names[-1]:
        suffix = "/" + names[-1].partition("/")[2]
    else:
        suffix = ".up.sql" if names[-1].endswith(".up.sql") else ".sql"
    return f"{last['before']}{number}{last['between'] or '_'}{_WORDS}{suffix}"


def _next_number(latest: str, now: datetime) -> str:
    match len(latest):
        case 14:
            try:
                after = datetime.strptime(latest, "%Y%m%d%H%M%S").replace(tzinfo=UTC) + timedelta(seconds=1)
            except ValueError:
                return str(int(latest) + 1)
            return f"{max(after, now):%Y%m%d%H%M%S}"
        case 11 if latest.startswith("20"):
            # The day and the number of the file on that day.
            today = f"{now:%Y%m%d}001"
            return today if today > latest else str(int(latest) + 1)
        case 8 if latest.startswith("20"):
            return max(f"{now:%Y%m%d}", str(int(latest) + 1))
    return str(int(latest) + 1).zfill(len(latest))
