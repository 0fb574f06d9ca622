"""Files and git -> History: which migrations exist, in what order, and which of them a change proposes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pgassay.errors import NoMigrations, UsageError
from pgassay.history import files
from pgassay.history.assemble import Contents, Folder, Read, arranged, assemble, within
from pgassay.history.base import Base, base_of
from pgassay.history.dialect import another_database
from pgassay.history.files import Document, NotAFile
from pgassay.history.git import Blob, Listing
from pgassay.history.journal import Journal, journal_of
from pgassay.history.layouts import PLAIN, Layout, layout_of, named
from pgassay.history.project import Project, open_project
from pgassay.history.ways_back import paired
from pgassay.model import History


def discover(
    root: Path,
    *,
    migrations: tuple[str, ...] = (),
    layout: str | None = None,
    base: str | Base | None = None,
    everything: bool = False,
    rollback: str | None = None,
    read: Read | None = None,
) -> History:
    """The migrations of `root`: a repository, a folder in it, or the migrations folder itself.

    `migrations` are folders relative to `root` or to the repository, run in that order; without them the folder is
    found. `base` is a git ref, or what `find_base` gave for it. `rollback` is a folder of files that undo them, named
    like them. Paths in the result are relative to the repository's
    top, outside git to `root`. UsageError for everything that the user can put right.
    """
    chosen_layout = named(layout) if layout else None
    project = open_project(root, without_git=everything)
    chosen, listing = project.find(migrations)
    if not migrations:
        _refuse_another_database(project, chosen)
    _refuse_hidden(chosen, listing)
    if everything or project.repository is None:
        base = None
    elif not isinstance(base, Base):
        base = base_of(project.repository, base)
    blobs = base.files(chosen) if base else {}
    _refuse_missing(project.top, chosen, blobs)

    layouts = {
        folder: chosen_layout or layout_of((project.top / folder).as_posix(), within(folder, {*listing.paths, *blobs}))
        for folder in chosen
    }
    journals = {folder: journal_of(project.top / folder) for folder in chosen}
    now = tuple(_arranged(folder, layouts, listing.paths, journals) for folder in chosen)
    if migrations:
        _refuse_empty(now)
    then = tuple(_arranged(folder, layouts, blobs, journals) for folder in chosen)
    current, refused = _current(project, now)
    merged = _merged(base, [blobs[path] for folder in then for path in folder.migrations], current) if base else {}
    skipped = [folder.full(each.file) for folder in now for each in folder.arrangement.skipped]
    elsewhere = tuple(_readable(project, skipped)) if merged.keys() - current.keys() else ()
    new = [path for path in current if path not in merged]
    ways_back = _ways_back(project, now, new, project.files_in(rollback, "rollback") if rollback else ())
    contents = Contents(now, then, current, merged, elsewhere, refused, base.label if base else None, ways_back)
    return assemble(contents, read or _front_end(), is_merged=blobs.__contains__)


def _arranged(
    folder: str, layouts: Mapping[str, Layout], paths: Iterable[str], journals: Mapping[str, Journal | None]
) -> Folder:
    found, journal = arranged(folder, layouts, paths), journals[folder]
    return journal.apply(found) if journal and layouts[folder] is PLAIN else found


def _front_end() -> Read:
    from pgassay.sql import read

    return read


def _refuse_another_database(project: Project, folders: tuple[str, ...]) -> None:
    for folder in folders:
        if named := another_database(project.top / folder):
            raise NoMigrations(
                f"{folder} has migrations for {named}, and pgassay reviews those for PostgreSQL; "
                'where there are others, set migrations = "FOLDER" in pgassay.toml'
            )


def _refuse_hidden(folders: tuple[str, ...], listing: Listing) -> None:
    for folder in folders:
        if hidden := [file for file in within(folder, listing.hidden) if file.endswith(".sql")]:
            raise UsageError(
                f"git's sparse checkout hides migrations of {folder}, {hidden[0]} first: "
                f"run git sparse-checkout add {folder}"
            )


def _refuse_missing(top: Path, folders: tuple[str, ...], merged: Iterable[str]) -> None:
    for folder in folders:
        if not (top / folder).is_dir() and not within(folder, merged):
            raise UsageError(f'migrations = "{folder}": there is no such folder in {top}, correct it in pgassay.toml')


def _refuse_empty(folders: Iterable[Folder]) -> None:
    """A folder above the right one would leave every file out, for ever and in green."""
    for folder in folders:
        below = [each.file for each in folder.arrangement.skipped if each.kind == "subfolder"]
        if below and not folder.arrangement.entries:
            inner = below[0].rpartition("/")[0]
            it = f'write "{folder.full(inner)}" if that is it'
            raise UsageError(f'migrations = "{folder.path}": no migration lies directly in it; {it}')


def _current(project: Project, folders: Iterable[Folder]) -> tuple[dict[str, Document], dict[str, str]]:
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


def _ways_back(
    project: Project, folders: Iterable[Folder], new: Iterable[str], others: Iterable[str]
) -> dict[str, Document]:
    """Files that undo new migrations, by the path of the migration: beside it, or among the `others`."""
    beside = {
        folder.full(entry.file): folder.full(entry.down_file)
        for folder in folders
        for entry in folder.arrangement.entries
        if entry.down_file
    }
    known = [path for folder in folders for path in folder.migrations]
    paths = {**paired(known, others), **beside}
    found: dict[str, Document] = {}
    for path in new:
        if path in paths:
            found.update((path, document) for document in _readable(project, [paths[path]]))
    return found


def _readable(project: Project, paths: Iterable[str]) -> Iterator[Document]:
    for path in paths:
        try:
            yield project.read(path)
        except NotAFile:
            continue
