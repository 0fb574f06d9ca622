"""Any folder of `.sql` files whose names sort, run by hand or by a runner that marks them in comments."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec.structs import replace

from pgassay.history.filenames import is_sql, looks_like_migration, read_name
from pgassay.history.layouts.layout import Arrangement, Entry, Layout, Skipped
from pgassay.history.sections import Shape, divide
from pgassay.model import Mode

_FLYWAY = re.compile(r"[VRU][0-9._]*__")
_TIMESTAMP = re.compile(r"[0-9]{13,14}(?![0-9])")
# All files once more in one, for who begins anew. Run with the others it meets itself.
_BUNDLE = re.compile(
    r"(?:combined|consolidated)(?:[_-](?:schema|migrations))?|all[_-]migrations|(?:apply|run)[_-]all(?:[_-]\w+)?", re.I
)
# Between two statements; a file with one statement has none.
DRIZZLE = "--> statement-breakpoint"
_DOWN = re.compile(r"(?P<of>.+)(?P<mark>[._-](?:down|rollback|undo|revert))\.sql", re.IGNORECASE)


def _arrange(files: Iterable[str]) -> Arrangement:
    files = sorted(files)
    here = {file for file in files if "/" not in file}
    entries: list[tuple[tuple[bool, tuple[int, ...], str], Entry]] = []
    skipped: list[Skipped] = []
    ways_back: dict[str, str] = {}
    for file in files:
        if file not in here:
            if is_sql(file):
                why = "lies in a subfolder of the migrations"
                step = "name its folder in migrations = [...] of pgassay.toml if it should run"
                skipped.append(Skipped(file, "subfolder", why, step))
        elif not looks_like_migration(file):
            continue
        elif not is_sql(file):
            skipped.append(Skipped(file, "no_sql", "is not an .sql file, so nothing in it was run"))
        elif down := _DOWN.fullmatch(file):
            partner = _partner(down["of"], here)
            skipped += _down(file, partner, down["mark"])
            ways_back |= {partner: file} if partner else {}
        else:
            read = read_name(file)
            if len(here) > 2 and _BUNDLE.fullmatch(read.name.removesuffix(".sql")):
                why = "looks like all migrations once more in one file, so it was not run"
                skipped.append(Skipped(file, "bundle", why, "rename it if it should run"))
                continue
            # Numbers as numbers, 2 before 10; files without one come last, as they do in a listing of padded names.
            entries.append(((not read.order, read.order, file), Entry(file, read.version, read.name)))
    ordered = [entry for _, entry in sorted(entries, key=lambda pair: pair[0])]
    paired = (replace(entry, down_file=ways_back.get(entry.file)) for entry in ordered)
    return Arrangement(tuple(paired), tuple(skipped))


def _partner(of: str, here: set[str]) -> str | None:
    return next((name for end in (".up.sql", "_up.sql", "-up.sql", ".sql") if (name := of + end) in here), None)


def _down(file: str, partner: str | None, mark: str) -> list[Skipped]:
    """The down half of a pair is told by its name; golang-migrate's `.down.sql` is common enough to need no words."""
    if partner is None:
        return [Skipped(file, "down", "looks like the way back of a migration that is not there, so it was not run")]
    if mark.lower() == ".down":
        return []
    return [Skipped(file, "down", f"looks like the way back of {partner}, so it was not run")]


def _shape(file: str, text: str) -> Shape:
    shape = divide(text)
    if shape.runner is not None:
        return shape
    if DRIZZLE in text:
        return Shape(shape.sections, Mode.BATCHES, "drizzle")
    if runner := _told_by_name(file):
        return Shape(shape.sections, Mode.BATCHES, runner)
    if file.lower().endswith(".up.sql"):
        return Shape(shape.sections, Mode.MESSAGE, "golang-migrate")
    # By hand, whatever cannot run in a transaction is simply run by itself.
    return Shape(shape.sections, Mode.BATCHES)


def _told_by_name(file: str) -> str | None:
    """Runners that keep a list of what they ran and leave no mark inside the file."""
    if _FLYWAY.match(file):
        return "flyway"
    # sqlx, node-pg-migrate, knex and their like; nobody types fourteen digits for a file that is run by hand.
    return "timestamps" if _TIMESTAMP.match(file) else None


def _claims(_folder: str, _files: Iterable[str]) -> bool:
    return True


PLAIN = Layout("plain", _claims, _arrange, _shape)
