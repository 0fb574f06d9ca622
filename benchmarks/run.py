"""`make bench`: pgassay next to the plain tools on one folder of 500 merged migrations and a new one.

Whole processes, in turn, so that a slow moment of the machine meets both; the median of five runs after one that does
not count. Nothing of this is a test: a figure is for reading.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import access, catalogue, proofs
from benchmarks.folder import write
from pgassay.postgres import environments
from pgassay.postgres.binaries import find
from pgassay.postgres.embedded import Embedded
from pgassay.postgres.store import Store
from pgassay.replay.bench import Bench, template

MERGED = 500
RUNS = 5
TOOLS = Path(sys.executable).parent


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="pgassay-bench-") as scratch:
        folder = _repository(Path(scratch) / "repository")
        files = sorted((folder / "supabase" / "migrations").glob("*.sql"))
        size = sum(file.stat().st_size for file in files)
        print(f"{len(files)} files, {size / 1000:.0f} kB, {os.cpu_count()} cores, Python {sys.version.split()[0]}\n")
        print(f"{'':<44}{'pgassay':>10}{'other':>10}{'ratio':>8}")
        _compare("lint of all files | squawk", _lint(folder), _squawk(files))
        os.environ["XDG_CACHE_HOME"] = "/dev/null"
        _compare("check of the new file | initdb and psql", _check(folder), lambda: _psql(files, Path(scratch)))
        kept = Path(scratch) / "kept"
        os.environ["XDG_CACHE_HOME"] = str(kept)
        _compare("the same, base kept | initdb and psql", _check(folder), lambda: _psql(files, Path(scratch)))
        schema = catalogue.write(Path(scratch) / "catalogue")
        about = f"{catalogue.STATEMENTS} statements on {catalogue.TABLES} tables"
        _alone(f"{about}, all rules", _check_blocked(schema, "--without", "proofs"))
        _alone(f"{about}, with the proofs", _check_blocked(schema))
        _alone("a server with Supabase on it, kept", _server(kept / "pgassay"))
        _alone("a server with Supabase on it, from nothing", _from_nothing(Path(scratch)))
    access.main()
    proofs.main()


def _repository(folder: Path) -> Path:
    write(folder, MERGED + 1)
    files = sorted((folder / "supabase" / "migrations").glob("*.sql"))
    git = ("git", "-C", str(folder), "-c", "user.name=bench", "-c", "user.email=bench@example.invalid")
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    subprocess.run([*git, "add", *map(str, files[:-1])], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "merged"], check=True)
    subprocess.run([*git, "switch", "--quiet", "--create", "proposal"], check=True)
    return folder


def _lint(folder: Path) -> Callable[[], None]:
    return lambda: _run(TOOLS / "pgassay", "lint", "--all", folder)


def _squawk(files: Sequence[Path]) -> Callable[[], None]:
    return lambda: _run(TOOLS / "squawk", *files, accepted=(0, 1))


def _check(folder: Path) -> Callable[[], None]:
    return lambda: _run(TOOLS / "pgassay", "check", folder)


def _check_blocked(folder: Path, *options: str) -> Callable[[], None]:
    """Its base is kept from the run that does not count."""
    return lambda: _run(TOOLS / "pgassay", "check", folder, *options, accepted=(0, 1))


def _psql(files: Sequence[Path], scratch: Path) -> None:
    """What a script would do: initdb, start, the environment, then every file in one psql."""
    binaries = find()
    folder = Path(tempfile.mkdtemp(dir=scratch))
    user = _as_server_user(folder)
    try:
        _run(binaries.initdb, "--no-sync", "-U", "supabase_admin", "-D", folder / "data", user=user)
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c wal_level=logical"
        _run(
            binaries.bin / "pg_ctl",
            "-D",
            folder / "data",
            "-w",
            "-l",
            folder / "log",
            "-o",
            options,
            "start",
            user=user,
        )
        try:
            shim = folder / "environment.sql"
            role = "create role postgres login createdb createrole bypassrls;\n"
            shim.write_text(role + environments.sql("supabase"), encoding="utf-8")
            psql = (binaries.bin / "psql", "-X", "-q", "-h", folder, "-d", "postgres", "-v", "ON_ERROR_STOP=1")
            _run(*psql, "-U", "supabase_admin", "-f", shim)
            _run(*psql, "-U", "supabase_admin", *(argument for file in files for argument in ("-f", file)))
        finally:
            _run(binaries.bin / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop", user=user)
    finally:
        shutil.rmtree(folder)


def _as_server_user(folder: Path) -> int | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for path in (folder, folder.parent):
        path.chmod(0o755)
    os.chown(folder, 65534, 65534)
    return 65534


def _server(folder: Path) -> Callable[[], None]:
    """Ready: a clone of the Supabase environment answers to the migration role."""

    def start() -> None:
        with Embedded(template=template("supabase"), store=Store(folder)) as server:
            bench = Bench(server)
            with bench.clone("ready", bench.environment("supabase")), server.connect("ready") as session:
                session.rows("select auth.uid()")

    return start


def _from_nothing(scratch: Path) -> Callable[[], None]:
    return lambda: _server(Path(tempfile.mkdtemp(dir=scratch)))()


def _run(*command: object, accepted: tuple[int, ...] = (0,), user: int | None = None) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, user=user, check=False)
    if done.returncode not in accepted:
        raise SystemExit(f"{words[0]} ended with {done.returncode}: {done.stderr.decode()[-400:]}")


def _compare(what: str, ours: Callable[[], None], theirs: Callable[[], None]) -> None:
    pairs = [(_seconds(ours), _seconds(theirs)) for _ in range(RUNS + 1)][1:]
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{what:<44}{mine:>8.2f} s{other:>8.2f} s{ratio:>8.2f}")


def _alone(what: str, ours: Callable[[], None]) -> None:
    print(f"{what:<44}{statistics.median([_seconds(ours) for _ in range(RUNS + 1)][1:]):>8.2f} s")


def _seconds(action: Callable[[], None]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
