from collections.abc import Iterator

from pgassay.model import History, Match


def check(history: History) -> Iterator[Match]:
    for change in history.changed:
        file = name(change.location.path)
        yield Match(
            change.location,
            subject=change.path,
            edited=file if change.kind == "edited" else None,
            renamed=file if change.kind == "renamed" else None,
            removed=file if change.kind == "removed" else None,
            merged_as=name(change.path),
        )


def name(path: str) -> str:
    return path.rpartition("/")[2]
