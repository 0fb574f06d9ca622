import re
import shlex
from collections.abc import Iterator

from pgassay.model import History, Match, Migration, file_name
from pgassay.sql.comments import without_comments

LASTING = ("CREATE", "ALTER", "DROP", "INSERT", "DO")


def check(history: History) -> Iterator[Match]:
    everything = (*history.base, *history.proposed)
    alike: dict[str, list[Migration]] = {}
    for migration in everything:
        # Cheap, and different for nearly all: only files that agree here are read closely.
        alike.setdefault(re.sub(r"--[^\n]*|\s+", "", migration.up_text), []).append(migration)
    proposed = {migration.path for migration in history.proposed}
    for group in alike.values():
        first: dict[str, Migration] = {}
        for migration in group if len(group) > 1 else ():
            other = first.setdefault(without_comments(migration.up_text), migration)
            if other is migration or migration.path not in proposed:
                continue
            if any(statement.kind.startswith(LASTING) for statement in migration.up):
                file = name(migration)
                yield Match(migration.start, file=file, other=name(other), file_to_remove=shlex.quote(file))


def name(migration: Migration) -> str:
    return file_name(migration.path)
