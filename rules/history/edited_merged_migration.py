from collections.abc import Iterator

from pgassay.model import Change, History, Match, Migration, file_name
from pgassay.sql.comments import says_the_same


def check(history: History) -> Iterator[Match]:
    merged = {migration.path: migration for migration in history.base}
    for change in history.changed:
        old = merged.get(change.path)
        checked = old is not None and old.runner == "flyway"
        if not checked and is_reworded(change, old):
            continue
        file = name(change.location.path)
        edited = file if change.kind == "edited" else None
        by_hand = old is not None and not old.runs_once
        yield Match(
            change.location,
            subject=change.path,
            edited=None if checked or by_hand else edited,
            rerun=edited if by_hand else None,
            refused=edited if checked else None,
            renamed=file if change.kind == "renamed" else None,
            removed=file if change.kind == "removed" else None,
            merged_as=name(change.path),
        )


def is_reworded(change: Change, old: Migration | None) -> bool:
    return change.kind == "edited" and old is not None and says_the_same(old.text, change.text)


def name(path: str) -> str:
    return file_name(path)
