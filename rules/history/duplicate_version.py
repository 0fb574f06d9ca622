from collections.abc import Iterator

from pgassay.model import History, Match, file_name


def check(history: History) -> Iterator[Match]:
    first: dict[str, str] = {}
    for migration in history.base:
        if migration.version:
            first.setdefault(migration.version, migration.path)
    for migration in history.proposed:
        if migration.version is None or migration.runner == "drizzle":
            # Its journal lists files by their whole name.
            continue
        other = first.setdefault(migration.version, migration.path)
        if other != migration.path:
            yield Match(migration.start, file=name(migration.path), other=name(other), version=migration.version)


def name(path: str) -> str:
    return file_name(path)
