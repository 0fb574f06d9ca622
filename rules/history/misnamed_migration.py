from collections import Counter
from collections.abc import Iterator

from pgassay.model import History, Location, Match

NEARLY_ALL = 0.8


def check(history: History) -> Iterator[Match]:
    expected = "<timestamp>_name.sql" if "supabase" in history.layout else "<number>_name.sql"
    for file in history.left_out:
        if file.kind == "name" and file.is_new:
            name = file.what.rpartition("/")[2]
            yield Match(Location(file.what, 1, 1), file=name, expected=expected, never_run=name)

    digits = usual_digits(history)
    for migration in history.proposed:
        if digits is not None and len(migration.version or "") != digits:
            pattern = expected if digits == 14 else f"{'N' * digits}_name.sql"
            file = migration.path.rpartition("/")[2]
            yield Match(migration.start, file=file, expected=pattern, never_run=None)


def usual_digits(history: History) -> int | None:
    """How many digits nearly all versions of the folder have; None when there is no such number."""
    lengths = Counter(len(migration.version or "") for migration in (*history.base, *history.proposed))
    for digits, files in lengths.most_common(1):
        if digits > 2 and files >= 2 and files >= NEARLY_ALL * lengths.total():
            return digits
    return 14 if "supabase" in history.layout and all(len(m.version or "") == 14 for m in history.base) else None
