import shlex
from collections.abc import Iterator
from datetime import date, timedelta

from pgassay.model import History, Match, file_name


def check(history: History) -> Iterator[Match]:
    # A day more than today: it is tomorrow already somewhere.
    latest = date.today() + timedelta(days=1)
    merged = max((day for migration in history.base if (day := dated(migration.version))), default=latest)
    for migration in history.proposed:
        day = dated(migration.version)
        if day and day > max(latest, merged):
            file = file_name(migration.path)
            rest = file[len(migration.version or "") :]
            command = f"git mv {shlex.quote(file)} <timestamp>{shlex.quote(rest)}"
            yield Match(migration.start, file=file, date=day.isoformat(), command=command)


def dated(version: str | None) -> date | None:
    """The day that a version begins with; None for counters and seconds since 1970."""
    digits = "".join(letter for letter in (version or "")[:10] if letter.isdigit())[:8]
    if not version or len(digits) < 8 or not digits.startswith(("19", "20")):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
