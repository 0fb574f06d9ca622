"""Documents -> History. Pure: the same for a repository on disk and for the examples on a rule's page."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct

from pgassay.history import files
from pgassay.history.changes import compare
from pgassay.history.files import Document
from pgassay.history.layouts import Arrangement, Layout, named
from pgassay.model import Change, History, LeftOut, Location, Migration, Script

Read = Callable[[Migration], Script]
NO_DOCUMENTS: Mapping[str, Document] = {}


class Folder(Struct, frozen=True):
    """A migrations folder as it is now, or as the base commit has it."""

    path: str
    layout: Layout
    arrangement: Arrangement

    def full(self, file: str) -> str:
        return file if self.path == "." else f"{self.path}/{file}"

    @property
    def migrations(self) -> list[str]:
        return [self.full(entry.file) for entry in self.arrangement.entries]


class Contents(Struct, frozen=True):
    """Everything that a history is made of.

    `now` and `then` are the folders of the working tree and of the base commit, `current` and `merged` their migrations
    by path, `elsewhere` files beside them that a merged one may have become. `refused` were not read, with the reason.
    `ways_back` are the files that undo migrations of `now`, by the path of the migration.
    """

    now: tuple[Folder, ...]
    then: tuple[Folder, ...]
    current: Mapping[str, Document]
    merged: Mapping[str, Document]
    elsewhere: tuple[Document, ...] = ()
    refused: Mapping[str, str] = {}
    base_label: str | None = None
    ways_back: Mapping[str, Document] = {}


def assemble(contents: Contents, read: Read, *, is_merged: Callable[[str], bool]) -> History:
    """`is_merged` tells whether the base commit has a path, migration or not."""
    comparison = compare(contents.merged, contents.current, contents.elsewhere)
    proposed = {path: document for path, document in contents.current.items() if path in comparison.proposed}
    runners = _of_whole_folders(contents)
    return History(
        layout=", ".join(dict.fromkeys(folder.layout.name for folder in contents.now)),
        folder=", ".join(shown(folder.path) for folder in contents.now),
        base=tuple(_migrations(contents.then, contents.merged, read, runners)),
        proposed=tuple(_migrations(contents.now, proposed, read, runners, contents.ways_back)),
        changed=tuple(map(_shown_change, comparison.changed)),
        left_out=tuple(_left_out(contents, is_merged)),
        base_ref=contents.base_label,
    )


def history_of(
    merged: Mapping[str, str], current: Mapping[str, str], *, folder: str, layout: str, read: Read
) -> History:
    """A history without files: texts by their path, all of them in `folder`."""
    layouts = {folder: named(layout)}
    now, then = (arranged(folder, layouts, texts) for texts in (current, merged))
    documents = [
        {
            path: files.document(path, texts[path].encode(), texts[path])
            for path in arrangement.migrations
            if path in texts
        }
        for arrangement, texts in ((now, current), (then, merged))
    ]
    ways_back = {
        now.full(entry.file): files.document(path, current[path].encode(), current[path])
        for entry in now.arrangement.entries
        if entry.down_file and (path := now.full(entry.down_file)) in current
    }
    contents = Contents((now,), (then,), documents[0], documents[1], base_label="main", ways_back=ways_back)
    return assemble(contents, read, is_merged=merged.__contains__)


def within(folder: str, paths: Iterable[str]) -> list[str]:
    if folder == ".":
        return list(paths)
    return [path[len(folder) + 1 :] for path in paths if path.startswith(f"{folder}/")]


def arranged(folder: str, layouts: Mapping[str, Layout], paths: Iterable[str]) -> Folder:
    """Leaves alone what nobody looks into, and other migrations folders inside this one."""
    inner = tuple(f"{other}/" for other in within(folder, layouts) if other != ".")
    here = [
        file
        for file in within(folder, paths)
        if "/" not in file or not (file.startswith(inner) or any(map(files.is_passed_over, file.split("/")[:-1])))
    ]
    return Folder(folder, layouts[folder], layouts[folder].arrange(here))


def _of_whole_folders(contents: Contents) -> dict[str, str]:
    """Runners that mark some of their files and run the others too, by folder."""
    found: dict[str, str] = {}
    for folders, documents in ((contents.now, contents.current), (contents.then, contents.merged)):
        for folder in folders:
            texts = (documents[path].text for path in folder.migrations if path in documents)
            if any(folder.layout.shape("", text).runner == "drizzle" for text in texts):
                found[folder.path] = "drizzle"
    return found


def _migrations(
    folders: Iterable[Folder],
    documents: Mapping[str, Document],
    read: Read,
    runners: Mapping[str, str],
    ways_back: Mapping[str, Document] = NO_DOCUMENTS,
) -> Iterator[Migration]:
    for folder in folders:
        for entry in folder.arrangement.entries:
            document = documents.get(folder.full(entry.file))
            if document is None:
                continue
            shape = folder.layout.shape(entry.file, document.text)
            runner = shape.runner or runners.get(folder.path)
            back = ways_back.get(document.path)
            down_file = back.path if back else entry.down_file and folder.full(entry.down_file)
            yield Migration(
                path=shown(document.path),
                version=entry.version,
                name=shown(entry.name),
                text=document.text,
                sections=shape.sections,
                read=read,
                mode=shape.mode,
                runs_once=runner is not None,
                unreadable=document.unreadable,
                runner=runner,
                down_file=down_file and shown(down_file),
                down_text=back.text if back and not back.unreadable else None,
            )


def _left_out(contents: Contents, is_merged: Callable[[str], bool]) -> Iterator[LeftOut]:
    tried = {document.path for document in contents.ways_back.values()}
    for folder in contents.now:
        for each in folder.arrangement.skipped:
            path = folder.full(each.file)
            if path not in tried:
                yield LeftOut(shown(path), each.why, each.next_step, kind=each.kind, is_new=not is_merged(path))
    for path, why in contents.refused.items():
        yield LeftOut(shown(path), why, kind="link", is_new=not is_merged(path))


def _shown_change(change: Change) -> Change:
    at = change.location
    return Change(change.kind, shown(change.path), Location(shown(at.path), at.start_line, at.end_line), change.text)


def shown(path: str) -> str:
    """A name that is not UTF-8 cannot be printed as it is."""
    return os.fsencode(path).decode(errors="backslashreplace")
