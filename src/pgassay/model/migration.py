"""Migration files and what they say."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cached_property
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pgassay.model.naming import Naming
from pgassay.model.place import Location


class SyntaxProblem(Struct, frozen=True):
    """Why a statement has no tree, in the parser's own words. `only_psql` marks what no server is ever sent."""

    message: str
    location: Location
    only_psql: bool = False


class Mode(StrEnum):
    """How the runner of a folder executes one file."""

    TRANSACTION = "transaction"
    """One transaction; what cannot run in one fails (25001)."""
    BATCHES = "batches"
    """Transactions with what cannot run in one alone between them: the Supabase CLI since 2.109 (supabase/cli#5671)."""
    MESSAGE = "message"
    """One message: a transaction, unless it holds a single statement. What golang-migrate does."""
    STATEMENT = "statement"
    """Each statement by itself, as `psql -f` does."""


class Statement(Struct, frozen=True):
    """One statement of a file, without the comments before it and without its semicolon.

    `kind` is PostgreSQL's command tag (`CREATE TABLE`), or the first word when it cannot be parsed. `start` is the
    offset in the file. `tree` is the statement's libpg_query message (PostgreSQL 18 grammar), None when `problem` says
    why there is none; its locations count UTF-8 bytes, and the statement begins at `tree_origin`.
    """

    text: str
    location: Location
    kind: str
    start: int
    tree: Any = None
    tree_origin: int = 0
    problem: SyntaxProblem | None = None


class AllowComment(Struct, frozen=True):
    """`-- pgassay: allow RULE because REASON [until DATE]`, and the lines that it covers."""

    rule: str
    reason: str
    until: str | None
    location: Location
    covers: range


class CommentProblem(Struct, frozen=True):
    """A `-- pgassay:` comment that cannot be used, and why."""

    message: str
    location: Location


class Script(Struct, frozen=True):
    """What one migration file says."""

    up: tuple[Statement, ...]
    down: tuple[Statement, ...] = ()
    allows: tuple[AllowComment, ...] = ()
    comment_problems: tuple[CommentProblem, ...] = ()


class Sections(Struct, frozen=True):
    """Which parts of a file its runner executes on the way up and down: character spans of the text."""

    up: tuple[tuple[int, int], ...]
    down: tuple[tuple[int, int], ...] = ()


class Migration(Struct, frozen=True, dict=True):
    """One migration file. `path` is relative to the repository, with forward slashes.

    `read` is the SQL front end; the text is parsed when `script` is first asked for: merged files that apply are never
    parsed. `runner` is what executes it, as far as file and folder tell, None in a folder that people run by hand: then
    `runs_once` is false. `down_file` is the file with the way back where that is another one, `down_text` what it says,
    of a proposed migration. `unreadable` says why a file has no usable text; then `text` is empty.
    """

    path: str
    version: str | None
    name: str
    text: str
    sections: Sections
    read: Callable[[Migration], Script]
    mode: Mode = Mode.TRANSACTION
    runs_once: bool = True
    unreadable: str | None = None
    runner: str | None = None
    down_file: str | None = None
    down_text: str | None = None

    @cached_property
    def way_back(self) -> Migration | None:
        """What undoes it, as a migration of its own: its way up is this one's way down."""
        if self.down_file and self.down_text is not None:
            whole = Sections(((0, len(self.down_text)),))
            return replace(
                self, path=self.down_file, text=self.down_text, sections=whole, down_file=None, down_text=None
            )
        if self.sections.down:
            return replace(self, sections=Sections(self.sections.down), down_file=None)
        return None

    @cached_property
    def script(self) -> Script:
        return self.read(self)

    @property
    def up(self) -> tuple[Statement, ...]:
        return self.script.up

    @property
    def down(self) -> tuple[Statement, ...]:
        return self.script.down

    @property
    def up_text(self) -> str:
        """What the runner sends on the way up."""
        return "".join(self.text[start:end] for start, end in self.sections.up)

    @property
    def start(self) -> Location:
        """The first line, where a finding about the file itself is placed."""
        return Location(self.path, 1, 1)


class Unchecked(Struct, frozen=True):
    """Something that pgassay did not judge, and why. Never empty-handed: `next_step` says what would change that.

    `essential` is set when a proposed statement itself went unjudged; then the run ends as "could not check".
    """

    what: str
    why: str
    next_step: str | None = None
    essential: bool = False


class LeftOut(Unchecked, frozen=True):
    """A file in the folder that the runner would not run.

    `what` is its path. `kind` is one of name (the runner skips such names), subfolder, no_sql, down (the way back of
    another file), bundle (all others once more), journal
    (Drizzle's journal does not name it), link. `is_new` tells whether it came with the change.
    """

    kind: str = "name"
    is_new: bool = True


class Change(Struct, frozen=True):
    """A merged migration that the change edits, renames or removes.

    `path` is the merged file; `location` is where to say so: the first changed line, or line 1 of the renamed file. A
    removed file keeps its merged path and line 1. `text` is that of `location`'s file now, empty for a removed one.
    """

    kind: str
    path: str
    location: Location
    text: str = ""


class History(Struct, frozen=True):
    """Which migrations exist, in the runner's order.

    `base` is merged (as the base branch has it), `proposed` comes with this change. `base_ref` is None when everything
    is proposed. `naming` is what the project's settings say of names.
    """

    layout: str
    folder: str
    base: tuple[Migration, ...]
    proposed: tuple[Migration, ...]
    changed: tuple[Change, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    base_ref: str | None = None
    naming: Naming = Naming()

    @property
    def ways_back(self) -> tuple[Migration, ...]:
        """Of the proposed migrations, those that have a file of their own."""
        backs = (migration.way_back for migration in self.proposed if migration.down_text is not None)
        return tuple(back for back in backs if back)
