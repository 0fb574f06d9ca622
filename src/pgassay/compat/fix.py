"""Draft, check, write: in this order, so that nothing is written that pgassay itself would refuse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from pgassay import pipeline, sql
from pgassay.application.wanted import wanted
from pgassay.compat.draft import Draft, draft
from pgassay.compat.names import next_name
from pgassay.errors import UsageError
from pgassay.history.layouts import named
from pgassay.model import Finding, Migration, Severity
from pgassay.project import Project, Request, open_project

_HEAD = """-- What the application asks for and the schema did not have.
-- Types are guesses from names: read each line before you merge.
"""


class Fixed(Struct, frozen=True):
    """`refused` are the errors for which the file was not written; `path` is None when there was nothing to do."""

    path: str | None = None
    text: str = ""
    made: tuple[str, ...] = ()
    refused: tuple[Finding, ...] = ()
    remarks: tuple[Finding, ...] = ()


def fix(request: Request, *, write: bool, progress: Callable[[str], None] = lambda _: None) -> Fixed:
    """Raises UsageError where the file is there already."""
    with open_project(request) as project:
        meeting = pipeline.meet(project, progress)
        if meeting is None:
            return Fixed()
        found = draft(wanted(meeting), meeting.schema, supabase=project.environment == "supabase")
        if not found.statements:
            return Fixed()
        migration = _migration(project, found)
        progress("checking the draft")
        proposed = (*project.history.proposed, migration)
        report = pipeline.check_project(replace(project, history=replace(project.history, proposed=proposed)), progress)
        own = [finding for finding in report.findings if finding.location.path == migration.path]
        refused = tuple(finding for finding in own if finding.severity is Severity.ERROR)
        remarks = tuple(finding for finding in own if finding.severity is Severity.WARNING)
        if write and not refused:
            _write(request.root, migration)
        return Fixed(migration.path, migration.text, found.made, refused, remarks)


def _migration(project: Project, found: Draft) -> Migration:
    history = project.history
    folder = history.folder.split(", ")[-1]
    name = next_name((*history.base, *history.proposed))
    text = _HEAD + "\n" + "\n\n".join(found.statements) + "\n"
    shape = named(history.layout.split(", ")[-1]).shape(name, text)
    path = name if folder == "." else f"{folder}/{name}"
    version = name.partition("_")[0]
    runs_once = shape.runner is not None
    return Migration(path, version, name, text, shape.sections, sql.read, mode=shape.mode, runs_once=runs_once)


def _write(root: Path, migration: Migration) -> None:
    """Nothing is ever overwritten."""
    top = next((each for each in (root.resolve(), *root.resolve().parents) if (each / ".git").exists()), root)
    path = top / migration.path
    try:
        # Some runners want a folder for each migration.
        path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(migration.text)
    except FileExistsError:
        raise UsageError(f"{path} is there already; nothing was written.") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; nothing was written.") from None
