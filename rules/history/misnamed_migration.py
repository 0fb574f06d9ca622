import re
import shlex
from collections import Counter
from collections.abc import Iterator

from pgassay.model import History, Location, Match, file_name

NEARLY_ALL = 0.8
TIMESTAMP = 14
# 2025-09-14_, 20250923b_, 030-; the 2 of 001_2fa is a part of the name.
OWN_NUMBER = re.compile(r"^(?:[0-9]+(?:-[0-9]+)*[a-z]?(?=[-_])|[0-9]*)[-_]?")


def check(history: History) -> Iterator[Match]:
    for file in history.left_out:
        # A copy such as `x.sql.bak` is stray_file's.
        if file.kind == "name" and file.is_new and file.what.lower().endswith(".sql"):
            name = file_name(file.what)
            expected = called(history, name, "<timestamp>")
            at = Location(file.what, 1, 1)
            yield Match(at, file=name, expected=expected, never_run=name, command=git_mv(name, expected))

    timestamped = "supabase" in history.layout
    digits = usual_digits(history)
    for migration in history.proposed:
        name = file_name(migration.path)
        version = migration.version or ""
        # `V1_64`, `1.2` and the like count in their own way.
        other_kind = bool(version) and not version.isdigit()
        if history.naming.migration:
            if history.naming.fits_migration(re.sub("/.*", ".sql", name)):
                continue
        elif digits is None or other_kind or len(version) == digits or (timestamped and len(version) == TIMESTAMP):
            continue
        expected = called(history, name, "<timestamp>" if digits == TIMESTAMP else f"<{digits} digits>")
        yield Match(migration.start, file=name, expected=expected, never_run=None, command=git_mv(name, expected))


def usual_digits(history: History) -> int | None:
    """How many digits nearly all versions of the folder have; None when there is no such number."""
    versions = [migration.version or "" for migration in (*history.base, *history.proposed)]
    lengths = Counter(len(version) if version.isdigit() else 0 for version in versions)
    [(digits, files)] = lengths.most_common(1) or [(0, 0)]
    if digits > 2 and files >= 2 and files >= NEARLY_ALL * lengths.total():
        return digits
    merged = {len(migration.version or "") for migration in history.base}
    return TIMESTAMP if "supabase" in history.layout and merged == {TIMESTAMP} else None


def called(history: History, file: str, prefix: str) -> str:
    stem = re.sub(r"\.sql.*$", "", OWN_NUMBER.sub("", file), flags=re.I) or "name"
    if history.naming.migration:
        return history.naming.migration_called(re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_") or "name")
    return f"{prefix}_{stem}.sql"


def git_mv(old: str, new: str) -> str:
    """To be pasted, whatever the file is called."""
    return f"git mv {shlex.quote(old)} {new if re.fullmatch('[<> .0-9A-Za-z_-]+', new) else shlex.quote(new)}"
