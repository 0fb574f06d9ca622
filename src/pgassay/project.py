"""What the user asked for, read once: settings and rules of the base branch, migrations, environment."""

from __future__ import annotations

import posixpath
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from pgassay import history as histories
from pgassay import sql
from pgassay.application.files import Place
from pgassay.catalogue.load import builtin_rules, load_folder
from pgassay.errors import CatalogueError, SettingsError, UsageError
from pgassay.history import Base
from pgassay.history.text import decode
from pgassay.model import History, Migration, Rule, Sections, Unchecked
from pgassay.settings import Settings
from pgassay.settings_file import FILES, read_settings, refuse_unknown_rules
from pgassay.supabase.config import Config, read_config

_SUPABASE = re.compile(
    r"\bauth\s*\.\s*(?:uid|role|jwt|users)\b|\bstorage\s*\.\s*(?:objects|buckets)\b|\bservice_role\b"
)


class Request(Struct, frozen=True):
    """The arguments of a run. `settings` is a file that is read as it stands, in place of that of the base branch.

    `base_commit` is what is merged, to be taken as it is; `base` is then its name for people. Without `proofs` the
    change is only run.
    """

    root: Path
    base: str | None = None
    everything: bool = False
    settings: Path | None = None
    base_commit: str | None = None
    proofs: bool = True


class Project(Struct, frozen=True):
    """`supabase` is what `supabase/config.toml` says; empty in another environment. `application` is where to look for
    code. Without `proofs` the change is only run. `seed` makes rows for proofs.
    """

    history: History
    settings: Settings
    rules: tuple[Rule, ...]
    environment: str
    baseline: Migration | None = None
    notes: tuple[Unchecked, ...] = ()
    supabase: Config = Config()
    application: Place | None = None
    proofs: bool = True
    seed: Migration | None = None


@contextmanager
def open_project(request: Request) -> Iterator[Project]:
    """Custom rules of the base branch lie in a temporary folder while the block lasts.

    Raises UsageError, SettingsError or CatalogueError for what the user can put right.
    """
    base = _base(request)
    if request.base and not base and not request.everything:
        raise UsageError(f"--base {request.base}: {request.root} is in no git repository; leave --base out.")
    home = _home(request.root, base)
    settings, notes = _settings(request, home, base)
    # A folder below the one with the settings was named by the user: then it is that, whatever the settings name.
    folders = settings.folders if home == request.root else ()
    history = histories.discover(
        request.root,
        migrations=folders,
        layout=settings.layout,
        base=base,
        everything=request.everything,
        rollback=settings.rollback,
    )
    history = _as_said(history, settings)
    with _custom_rules(home, base, settings) as own:
        rules = _one_name_each((*builtin_rules(), *own))
        refuse_unknown_rules(settings, rules)
        environment = settings.environment or _environment(history)
        supabase, more = _supabase(request.root, base, history) if environment == "supabase" else (Config(), ())
        baseline = _sql_file(home, base, settings, "baseline", settings.baseline)
        seed = _sql_file(home, base, settings, "rows.seed", settings.rows.seed)
        place = Place(request.root, base, request.everything, settings.code)
        yield Project(
            history, settings, rules, environment, baseline, (*notes, *more), supabase, place, request.proofs, seed
        )


def _base(request: Request) -> Base | None:
    """Where settings and rules come from. With --all every migration is proposed, and still nobody brings a policy."""
    if request.base_commit:
        return histories.base_at(request.root, request.base_commit, request.base or request.base_commit[:7])
    if not request.everything:
        return histories.find_base(request.root, request.base)
    try:
        return histories.find_base(request.root)
    except UsageError:
        # No branch to compare with: a clone of one commit, or a repository of one's own without a main branch.
        return None


def _home(root: Path, base: Base | None) -> Path:
    """Where the settings are: in `root`, or else at the top of its repository."""
    top = histories.repository_top(root)
    if (
        top is None
        or top == root.resolve()
        or any(_file(root, name, at) is not None for name in FILES for at in {None, base})
    ):
        return root
    return top


def _settings(request: Request, home: Path, base: Base | None) -> tuple[Settings, tuple[Unchecked, ...]]:
    """Policy comes from the base branch: a pull request cannot switch off the rule that blocks it."""
    if request.settings:
        try:
            return read_settings(_text(request.settings.read_bytes(), request.settings), str(request.settings)), ()
        except OSError as error:
            raise UsageError(f"{request.settings}: {error.strerror}; check --settings.") from None
    here = _first_file(home, None)
    merged = _first_file(home, base) if base else here
    if not base or here == merged:
        return _read(merged), ()
    # It has no say yet; once merged, a mistake in it would stop every run.
    _read(here)
    name, _ = here or merged or ("", "")
    try_it = f"try it with --settings {home / name}" if here else None
    note = Unchecked(f"the change to {name}", f"settings are read from {base.label}", try_it)
    return _read(merged, f" on {base.label}"), (note,)


def _read(found: tuple[str, str] | None, where: str = "") -> Settings:
    return read_settings(found[1], f"{found[0]}{where}") if found else Settings()


def _first_file(root: Path, base: Base | None) -> tuple[str, str] | None:
    for name in FILES:
        data = _file(root, name, base)
        if data is not None:
            return name, _text(data, name)
    return None


def _text(data: bytes, path: str | Path) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: is not UTF-8 text; save it as UTF-8.") from None


def _file(root: Path, name: str, base: Base | None) -> bytes | None:
    if base:
        return histories.read_at_base(root, name, base)
    return _read_bytes(root / name)


def _read_bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; make it readable.") from None


def _supabase(root: Path, base: Base | None, history: History) -> tuple[Config, tuple[Unchecked, ...]]:
    """The Supabase CLI's configuration, beside its folder of migrations; from the base branch like our own settings."""
    folders = history.folder.split(", ")
    folder = next((each for each in folders if each.endswith("supabase/migrations")), "supabase/migrations")
    path = f"{folder.removesuffix('migrations')}config.toml"
    here = _read_bytes(_beside(root.resolve(), folders, path))
    merged = base.read(path) if base else here
    config = _config(merged, path)
    notes = [config.note()]
    if base and here != merged and _says_otherwise(here, path, config):
        what = f"the change to {path}"
        notes.append(Unchecked(what, f"it is read from {base.label}", "say it in pgassay.toml and try --settings"))
    return config, tuple(note for note in notes if note)


def _beside(root: Path, folders: list[str], path: str) -> Path:
    """`folders` and `path` are relative to the repository's top, which may lie above `root`."""
    tops = [next((top for top in (root, *root.parents) if (top / folder).is_dir()), root) for folder in folders]
    for top, folder in zip(tops, folders, strict=True):
        if (top / folder).resolve().parts[-2:] == ("supabase", "migrations"):
            return (top / folder).resolve().parent / "config.toml"
    return tops[0] / path


def _says_otherwise(data: bytes | None, path: str, merged: Config) -> bool:
    try:
        return replace(_config(data, path), path=None) != replace(merged, path=None)
    except SettingsError:
        return True


def _config(data: bytes | None, path: str) -> Config:
    return Config() if data is None else read_config(_text(data, path), path)


def own_rules(root: Path) -> Path | None:
    """The folder of custom rules in the working tree, as the settings there have it."""
    home = _home(root, None)
    folder = _read(_first_file(home, None)).custom_rules
    return home / folder if folder else None


@contextmanager
def _custom_rules(root: Path, base: Base | None, settings: Settings) -> Iterator[tuple[Rule, ...]]:
    """Python of the base branch only: that of a pull request does not run in our process."""
    folder = settings.custom_rules
    if folder is None:
        yield ()
    elif base is None:
        yield load_folder(root / folder)
    else:
        inside = root.resolve().relative_to(base.repository.top).as_posix()
        at_top = posixpath.normpath(posixpath.join(inside, folder))
        blobs = [] if at_top.startswith(("..", "/")) else list(base.files([at_top]).values())
        if not blobs:
            raise SettingsError(f'{settings.source}: custom_rules = "{folder}": no such folder on {base.label}.')
        with tempfile.TemporaryDirectory(prefix="pgassay-rules-") as scratch:
            for blob, data in zip(blobs, base.contents(blobs), strict=True):
                path = Path(scratch) / blob.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data or b"")
            try:
                yield load_folder(Path(scratch) / at_top)
            except CatalogueError as error:
                raise CatalogueError(str(error).replace(f"{scratch}/", "")) from None


def _one_name_each(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    names = [rule.id for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise SettingsError(f"custom_rules: a rule called {name} exists already; give yours another name.")
    return rules


def _sql_file(root: Path, base: Base | None, settings: Settings, key: str, path: str | None) -> Migration | None:
    """A file that the settings name under `key`."""
    if path is None:
        return None
    data = _file(root, path, base)
    if data is None:
        where = f" on {base.label}" if base else ""
        raise SettingsError(f'{settings.source}: {key} = "{path}": no such file{where}.')
    decoded = decode(data)
    if decoded.unreadable:
        raise SettingsError(f'{settings.source}: {key} = "{path}": the file {decoded.unreadable}.')
    everything = Sections(((0, len(decoded.text)),))
    return Migration(path, None, key, decoded.text, everything, sql.read)


def _as_said(history: History, settings: Settings) -> History:
    """With what the settings know of the folder better than its files tell."""
    base, proposed = history.base, history.proposed
    if settings.runs_once is not None:
        base, proposed = (
            tuple(replace(migration, runs_once=settings.runs_once) for migration in migrations)
            for migrations in (base, proposed)
        )
    return replace(history, base=base, proposed=proposed, naming=settings.naming)


def _environment(history: History) -> str:
    """Supabase when the folder is its CLI's, or when the SQL speaks of what only Supabase has."""
    migrations = (*history.base, *history.proposed)
    if "supabase" in history.layout or any(_SUPABASE.search(migration.text) for migration in migrations):
        return "supabase"
    return "postgres"
