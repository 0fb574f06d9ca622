import re
from collections import Counter
from collections.abc import Iterator

from pgassay.model import History, Location, Match

NEARLY_ALL = 0.8
TIMESTAMP = 14


def check(history: History) -> Iterator[Match]:
    timestamped = "supabase" in history.layout
    for file in history.left_out:
        if file.kind == "name" and file.is_new:
            name = file.what.rpartition("/")[2]
            yield Match(Location(file.what, 1, 1), file=name, expected=renamed(name, "<timestamp>"), never_run=name)

    digits = usual_digits(history)
    for migration in history.proposed:
        version = migration.version or ""
        # `V1_64`, `1.2` and the like count in their own way.
        other_kind = bool(version) and not version.isdigit()
        if digits is None or other_kind or len(version) == digits or (timestamped and len(version) == TIMESTAMP):
            continue
        name = migration.path.rpartition("/")[2]
        prefix = "<timestamp>" if digits == TIMESTAMP else f"<{digits} digits>"
        yield Match(migration.start, file=name, expected=renamed(name, prefix), never_run=None)


def usual_digits(history: History) -> int | None:
    """How many digits nearly all versions of the folder have; None when there is no such number."""
    versions = [migration.version or "" for migration in (*history.base, *history.proposed)]
    lengths = Counter(len(version) if version.isdigit() else 0 for version in versions)
    [(digits, files)] = lengths.most_common(1) or [(0, 0)]
    if digits > 2 and files >= 2 and files >= NEARLY_ALL * lengths.total():
        return digits
    merged = {len(migration.version or "") for migration in history.base}
    return TIMESTAMP if "supabase" in history.layout and merged == {TIMESTAMP} else None


def renamed(file: str, prefix: str) -> str:
    return f"{prefix}_{re.sub(r'^[0-9]*[-_]?', '', file)}"
