import re
import shlex
from collections.abc import Iterator

from pgassay.model import History, Match, Migration, file_name, folder_of

# Counters are shorter than any date.
DATE = 8


def check(history: History) -> Iterator[Match]:
    given = 0
    for migration in history.proposed:
        merged = [other for other in history.base if are_comparable(migration, other)]
        if not merged:
            continue
        last = max(merged, key=order)
        same = any(order(other) == order(migration) for other in merged)
        if same or order(migration) >= order(last):
            # One that is merged already is duplicate_version's.
            continue
        version, counter = last.version or "", len(last.version or "") < DATE and (last.version or "").isdigit()
        given += 1
        new = str(int(version) + given).zfill(len(version)) if counter else "<timestamp>"
        old = name(migration)
        rest = old[len(migration.version or "") :]
        yield Match(
            migration.start,
            file=old,
            last=name(last),
            command=f"git mv {shlex.quote(old)} {new}{shlex.quote(rest)}",
            after=None if counter else version,
        )


def order(migration: Migration) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall("[0-9]+", migration.version or ""))


def are_comparable(one: Migration, other: Migration) -> bool:
    """In one folder, and numbered in the same way: a counter says nothing about a date."""
    a, b = one.version or "", other.version or ""
    if not a or not b or folder_of(one.path) != folder_of(other.path):
        return False
    if a.isdigit() and b.isdigit():
        return len(a) == len(b) or max(len(a), len(b)) < DATE
    return re.sub("[0-9]+", "0", a) == re.sub("[0-9]+", "0", b)


def name(migration: Migration) -> str:
    return file_name(migration.path)
