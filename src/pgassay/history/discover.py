"""Files and git -> History: which migrations exist, in what order, and which of them a change proposes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from pgassay.errors import UsageError
from pgassay.history import files
from pgassay.history.base import Base, base_of
from pgassay.history.changes import compare
from pgassay.history.files import Document, NotAFile
from pgassay.history.git import Blob, Listing
from pgassay.history.layouts import Arrangement, Layout, layout_of, named
from pgassay.history.project import Project, open_project
from pgassay.model import Change, History, Location, Migration, Script, Unchecked

Read = Callable[[Migration], Script]


class LeftOut(Unchecked, frozen=True):
    """A file in the folder that the runner would not run.

    `what` is its path. `kind` is one of name (the runner skips such names), subfolder, no_sql, down (the way back of
    another file), link. `is_new` tells whether it came with the change.
    """

    kind: str = "name"
    is_new: bool = True


class _Folder(Struct, frozen=True):
    """A migrations folder as it is now, or as the base commit has it."""

    path: str
    layout: Layout
    arrangement: Arrangement

    def full(self, file: str) -> str:
        return file if self.path == "." else f"{self.path}/{file}"

    @property
    def migrations(self) -> list[str]:
        return [self.full(entry.file) for entry in self.arrangement.entries]


def discover(
    root: Path,
    *,
    migrations: tuple[str, ...] = (),
    layout: str | None = None,
    base: str | Base | None = None,
    everything: bool = False,
    read: Read | None = None,
) -> History:
    """The migrations of `root`: a repository, a folder in it, or the migrations folder itself.

    `migrations` are folders relative to `root` or to the repository, run in that order; without them the folder is
    found. `base` is a git ref, or what `find_base` gave for it. Paths in the result are relative to the repository's
    top, outside git to `root`. UsageError for everything that the user can put right.
    """
    chosen_layout = named(layout) if layout else None
    project = open_project(root, without_git=everything)
    chosen, listing = project.find(migrations)
    _refuse_hidden(chosen, listing)
    if everything or project.repository is None:
        base = None
    elif not isinstance(base, Base):
        base = base_of(project.repository, base)
    blobs = base.files(chosen) if base else {}
    _refuse_missing(project.top, chosen, blobs)

    layouts = {folder: chosen_layout or layout_of((project.top / folder).as_posix()) for folder in chosen}
    now = [_arranged(folder, layouts, listing.paths) for folder in chosen]
    then = [_arranged(folder, layouts, blobs) for folder in chosen]
    current, refused = _current(project, now)
    merged = _merged(base, [blobs[path] for folder in then for path in folder.migrations], current) if base else {}
    skipped = [folder.full(each.file) for folder in now for each in folder.arrangement.skipped]
    elsewhere = _readable(project, skipped) if merged.keys() - current.keys() else ()
    comparison = compare(merged, current, elsewhere)

    read = read or _front_end()
    proposed = {path: document for path, document in current.items() if path in comparison.proposed}
    return History(
        layout=", ".join(dict.fromkeys(layouts[folder].name for folder in chosen)),
        folder=", ".join(map(_shown, chosen)),
        base=tuple(_migrations(then, merged, read)),
        proposed=tuple(_migrations(now, proposed, read)),
        changed=tuple(map(_shown_change, comparison.changed)),
        left_out=tuple(_left_out(now, refused, blobs)),
        base_ref=base.label if base else None,
    )


def _front_end() -> Read:
    from pgassay.sql import read

    return read


def _refuse_hidden(folders: tuple[str, ...], listing: Listing) -> None:
    for folder in folders:
        if hidden := [file for file in _within(folder, listing.hidden) if file.endswith(".sql")]:
            raise UsageError(
                f"git's sparse checkout hides migrations of {folder}, {hidden[0]} first: "
                f"run git sparse-checkout add {folder}"
            )


def _refuse_missing(top: Path, folders: tuple[str, ...], merged: Iterable[str]) -> None:
    for folder in folders:
        if not (top / folder).is_dir() and not _within(folder, merged):
            raise UsageError(f'migrations = "{folder}": there is no such folder in {top}, correct it in pgassay.toml')


def _within(folder: str, paths: Iterable[str]) -> list[str]:
    if folder == ".":
        return list(paths)
    return [path[len(folder) + 1 :] for path in paths if path.startswith(f"{folder}/")]


def _arranged(folder: str, layouts: Mapping[str, Layout], paths: Iterable[str]) -> _Folder:
    """Leaves alone what nobody looks into, and other migrations folders inside this one."""
    inner = tuple(f"{other}/" for other in _within(folder, layouts) if other != ".")
    here = [
        file
        for file in _within(folder, paths)
        if "/" not in file or not (file.startswith(inner) or any(map(files.is_passed_over, file.split("/")[:-1])))
    ]
    return _Folder(folder, layouts[folder], layouts[folder].arrange(here))


def _current(project: Project, folders: Iterable[_Folder]) -> tuple[dict[str, Document], dict[str, str]]:
    """The migrations of the working tree, and why some of them were not read."""
    found: dict[str, Document] = {}
    refused: dict[str, str] = {}
    for path in (path for folder in folders for path in folder.migrations):
        try:
            found[path] = project.read(path)
        except NotAFile as reason:
            refused[path] = str(reason)
    return found, refused


def _merged(base: Base, blobs: Iterable[Blob], current: Mapping[str, Document]) -> dict[str, Document]:
    """Migrations as the base commit has them. Only those that the working tree has otherwise are asked of git."""
    found: dict[str, Document] = {}
    asked: list[Blob] = []
    for blob in blobs:
        same = current.get(blob.path)
        if same is not None and same.blob == blob.id:
            found[blob.path] = same
        else:
            asked.append(blob)
    for blob, data in zip(asked, base.contents(asked), strict=True):
        if data is not None:
            found[blob.path] = files.document(blob.path, data, blob.id)
        elif not blob.is_link:
            raise UsageError(f"git has no content for {blob.path} at {base.label}: run git fetch --refetch")
    return found


def _readable(project: Project, paths: Iterable[str]) -> Iterator[Document]:
    for path in paths:
        try:
            yield project.read(path)
        except NotAFile:
            continue


def _migrations(folders: Iterable[_Folder], documents: Mapping[str, Document], read: Read) -> Iterator[Migration]:
    for folder in folders:
        for entry in folder.arrangement.entries:
            document = documents.get(folder.full(entry.file))
            if document is None:
                continue
            shape = folder.layout.shape(entry.file, document.text)
            yield Migration(
                path=_shown(document.path),
                version=entry.version,
                name=_shown(entry.name),
                text=document.text,
                sections=shape.sections,
                read=read,
                mode=shape.mode,
                runs_once=shape.runner is not None,
                unreadable=document.unreadable,
            )


def _left_out(folders: Iterable[_Folder], refused: Mapping[str, str], merged: Mapping[str, Blob]) -> Iterator[LeftOut]:
    for folder in folders:
        for each in folder.arrangement.skipped:
            path = folder.full(each.file)
            yield LeftOut(_shown(path), each.why, each.next_step, kind=each.kind, is_new=path not in merged)
    for path, why in refused.items():
        yield LeftOut(_shown(path), why, kind="link", is_new=path not in merged)


def _shown_change(change: Change) -> Change:
    at = change.location
    return Change(change.kind, _shown(change.path), Location(_shown(at.path), at.start_line, at.end_line))


def _shown(path: str) -> str:
    """A name that is not UTF-8 cannot be printed as it is."""
    return os.fsencode(path).decode(errors="backslashreplace")
