"""What a change does to merged migrations, and which of its files are new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from pgassay.history.files import Document
from pgassay.model import Change, Location


class Comparison(Struct, frozen=True):
    """`proposed` are paths of new migrations."""

    proposed: frozenset[str]
    changed: tuple[Change, ...]


def compare(merged: Mapping[str, Document], current: Mapping[str, Document], others: Iterable[Document]) -> Comparison:
    """Merged migrations against those of the working tree, both by path.

    `others` are files there that are no migrations: a merged one may have been renamed to such a name. Line ends and
    the encoding do not count as an edit, since git may convert both on checkout.
    """
    changed = [
        Change("edited", path, _line(path, first_difference(document.text, current[path].text)), current[path].text)
        for path, document in merged.items()
        if path in current and not _same(document, current[path])
    ]
    added = [document for path, document in current.items() if path not in merged]
    homes: dict[str, list[str]] = {}
    for document in [*added, *others]:
        homes.setdefault(_content(document), []).append(document.path)
    renamed = set()
    for path, document in merged.items():
        if path in current:
            continue
        same = homes.get(_content(document)) if _content(document).strip() else None
        if same:
            new = same.pop(0)
            renamed.add(new)
            changed.append(Change("renamed", path, _line(new, 1), document.text))
        else:
            changed.append(Change("removed", path, _line(path, 1)))
    proposed = frozenset(document.path for document in added) - renamed
    return Comparison(proposed, tuple(sorted(changed, key=lambda change: change.path)))


def first_difference(old: str, new: str) -> int:
    """The first line of `new` that is not that of `old`; its last one when lines are only missing at its end."""
    before, after = _unified(old).split("\n"), _unified(new).split("\n")
    same = 0
    for left, right in zip(before, after, strict=False):
        if left != right:
            break
        same += 1
    last = len(after) - (after[-1] == "")
    return max(1, min(same + 1, last))


def _same(old: Document, new: Document) -> bool:
    return old.blob == new.blob or (
        not old.unreadable and not new.unreadable and _unified(old.text) == _unified(new.text)
    )


def _content(document: Document) -> str:
    return document.blob if document.unreadable else _unified(document.text)


def _unified(text: str) -> str:
    return text.replace("\r\n", "\n")


def _line(path: str, number: int) -> Location:
    return Location(path, number, number)
