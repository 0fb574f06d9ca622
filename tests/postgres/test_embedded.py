"""What a throwaway server is, and that nothing of it stays behind, however its owner ends."""

from __future__ import annotations

import os
import pwd
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from pgassay.errors import CannotCheck
from pgassay.postgres import binaries, installation, run_folder
from pgassay.postgres.embedded import Embedded
from pgassay.postgres.provider import Provider

OWNER = """
from pgassay.postgres.embedded import Embedded
with Embedded() as server:
    try:
        print(server.folder, flush=True)
        server.create("app")
        server.connect("app").run("select pg_sleep(60)")
    except KeyboardInterrupt:
        server.create("another")
        print("alive" if server.alive() else "dead", flush=True)
        raise
"""

OWNER_AT_INITDB = """
from pgassay.postgres import data_directory
from pgassay.postgres.embedded import Embedded

def make(programs, data, run):
    print(data.parent.parent, flush=True)
    return data_directory.initialise(programs, data, run)

with Embedded(make=make) as server:
    server.connect("nowhere")
"""


def processes_of(folder: Path) -> dict[int, str]:
    """Running processes that name the folder or work in it, with their command lines."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if command and (str(folder) in command or str((process / "cwd").readlink()).startswith(str(folder))):
                found[int(process.name)] = command
    return found


def open_files_of(pid: int) -> set[str]:
    names = set()
    with suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                names.add(str(link.readlink()))
    return names


def pid_of(folder: Path, program: str) -> int:
    (pid,) = (pid for pid, command in processes_of(folder).items() if program in command)
    return pid


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def is_gone(folder: Path) -> bool:
    return not folder.exists() and not processes_of(folder)


@contextmanager
def owner(script: str = OWNER) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another process with a server of its own, in a process group of its own like a job of a terminal."""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, process_group=0
    ) as process:
        assert process.stdout
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_identity(server: Embedded) -> None:
    provider: Provider = server
    assert provider.info is server.info
    found = binaries.find()
    assert (server.info.version, server.info.major, server.info.provider) == (found.version, found.major, "embedded")
    assert server.alive()


@pytest.mark.parametrize("major", [16, 18])
def test_bundled_majors_speak_unicode(major: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_installed", lambda: iter(()))
    monkeypatch.delenv(binaries.VARIABLE, raising=False)
    with Embedded(major) as server:
        assert server.info.major == major
        server.create("app")
        with server.connect("app") as session:
            assert session.rows("show server_encoding") == [("UTF8",)]
            assert session.rows("select upper('ünïcode'), 'b' < 'A'") == [("ÜNÏCODE", False)]
            assert session.rows("select current_setting('default_text_search_config')") == [("pg_catalog.english",)]
            assert session.run("create publication p").notices == ()


def test_migrations_are_not_superuser(server: Embedded, database: str) -> None:
    with server.connect(database) as session:
        assert session.rows(
            "select rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication, rolcanlogin"
            " from pg_roles where rolname = session_user"
        ) == [("postgres", False, True, True, True, False, True)]
        assert session.rows("select rolname from pg_roles where rolsuper") == [("supabase_admin",)]
        for sql in (
            "copy (select 1) to program 'true'",
            "select pg_read_file('/etc/passwd')",
            "set role supabase_admin",
        ):
            error = session.run(sql).error
            assert error
            assert error.sqlstate == "42501"


def test_migrations_own_their_database(server: Embedded, database: str) -> None:
    with server.connect(database) as session:
        assert session.run("create schema app; create table public.t (a int); create role app_user").error is None
        assert session.run(f"alter database {database} set search_path to app").error is None
        session.run("drop role app_user")


def test_the_name_postgres_is_free_for_the_database_of_the_project(server: Embedded) -> None:
    server.create("postgres")
    with server.connect("postgres") as session:
        assert session.run("alter database postgres set timezone to 'UTC'").error is None
    server.drop("postgres")


def test_there_is_no_network_and_nobody_else_gets_in(server: Embedded, database: str) -> None:
    with server.connect(database) as session:
        assert session.rows("show listen_addresses") == [("",)]
    folder = server.folder / "cluster"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / run_folder.SOCKET).is_socket()
    held = {name for pid in processes_of(server.folder) for name in open_files_of(pid)}
    assert any(name.startswith("socket:") for name in held)
    listening = {
        f"socket:[{fields[9]}]"
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        if Path(table).exists()
        for line in Path(table).read_text().splitlines()[1:]
        if (fields := line.split())[3] == "0A"
    }
    assert not held & listening


def test_the_server_is_neither_root_nor_anybody_known(server: Embedded) -> None:
    owner_of_data = (server.folder / "cluster/data").stat().st_uid
    assert owner_of_data != 0
    if os.geteuid() != 0:
        assert owner_of_data == os.geteuid()
        return
    if owner_of_data != pwd.getpwnam("nobody").pw_uid:
        with pytest.raises(KeyError):
            pwd.getpwuid(owner_of_data)
    postmaster = pid_of(server.folder, "/postgres ")
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{postmaster}/status").read_text().splitlines())
    assert set(fields["Uid"].split()) == {str(owner_of_data)}
    assert "0" not in fields["Groups"].split()
    assert int(fields["CapEff"], 16) == int(fields["CapPrm"], 16) == 0


def test_nothing_of_our_environment_gets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "sesame")
    with Embedded() as server:
        kept = {"LC_ALL", "TZ", "LD_LIBRARY_PATH"}
        seen = 0
        for pid, command in processes_of(server.folder).items():
            with suppress(FileNotFoundError, ProcessLookupError):
                environment = Path(f"/proc/{pid}/environ").read_text(errors="replace")
                assert {entry.split("=")[0] for entry in environment.split("\0") if entry} <= kept, command
                seen += 1
        assert seen >= 4


def test_two_servers_do_not_disturb_each_other(server: Embedded) -> None:
    with Embedded() as other:
        assert other.folder != server.folder
        for each in (server, other):
            each.create("side_by_side")
    assert server.alive()
    server.drop("side_by_side")


def test_leaving_removes_everything() -> None:
    with Embedded() as server:
        folder = server.folder
        assert processes_of(folder)
        server.create("app")
        session = server.connect("app")
        assert session.run("create table t as select generate_series(1, 100000)").error is None
    assert is_gone(folder)
    with pytest.raises(CannotCheck, match="died"):
        session.run("select 1")
    session.close()


def test_an_exception_removes_everything() -> None:
    folder = Path()

    def fail() -> None:
        nonlocal folder
        with Embedded() as server:
            folder = server.folder
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert is_gone(folder)


def test_kill_of_the_owner_removes_everything() -> None:
    with owner() as (process, folder):
        assert processes_of(folder)
        process.kill()
        process.wait()
        assert wait_until(lambda: is_gone(folder)), processes_of(folder)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_ending_the_owner_while_initdb_runs_removes_everything(number: signal.Signals) -> None:
    with owner(OWNER_AT_INITDB) as (process, folder):
        assert wait_until(lambda: any("initdb" in command for command in processes_of(folder).values()))
        process.send_signal(number)
        process.wait()
        assert wait_until(lambda: is_gone(folder)), processes_of(folder)


def test_kill_of_owner_and_warden_ends_the_server_and_the_next_run_sweeps() -> None:
    with owner() as (process, folder):
        os.kill(pid_of(folder, "warden.main"), signal.SIGSTOP)
        process.kill()
        process.wait()
        os.kill(pid_of(folder, "warden.main"), signal.SIGKILL)
        assert wait_until(lambda: not processes_of(folder)), processes_of(folder)
        assert folder.exists()
        run_folder.make(for_others=False, executable=False).close()
        assert not folder.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_ending_the_warden_removes_everything(number: signal.Signals) -> None:
    with owner() as (_, folder):
        os.kill(pid_of(folder, "warden.main"), number)
        assert wait_until(lambda: is_gone(folder)), processes_of(folder)


def test_interrupt_reaches_us_and_not_the_server() -> None:
    with owner() as (process, folder):
        os.killpg(process.pid, signal.SIGINT)
        said, trace = process.communicate(timeout=30)
        assert said.strip() == "alive"
        assert trace.rstrip().endswith("KeyboardInterrupt")
        assert is_gone(folder)


@pytest.mark.parametrize(
    ("victim", "number", "words"),
    [
        ("/postgres ", signal.SIGKILL, "killed by SIGKILL"),
        ("warden.main", signal.SIGKILL, "the process that holds the server was killed"),
    ],
)
def test_death_in_the_middle_is_told_and_nobody_hangs(victim: str, number: signal.Signals, words: str) -> None:
    with Embedded() as server:
        folder = server.folder
        server.create("app")
        with server.connect("app") as session:
            os.kill(pid_of(folder, victim), number)
            started = time.monotonic()
            with pytest.raises(CannotCheck, match=words):
                session.run("select pg_sleep(50)")
            assert not server.alive()
            for action in (lambda: session.rows("select 1"), lambda: server.create("x"), lambda: server.connect("app")):
                with pytest.raises(CannotCheck, match=words):
                    action()
            assert time.monotonic() - started < 10
    assert is_gone(folder)


def test_crash_of_a_backend_is_told_with_the_last_words() -> None:
    with Embedded() as server:
        server.create("app")
        with server.connect("app") as session:
            os.kill(session.pid, signal.SIGSEGV)
            with pytest.raises(CannotCheck, match=rf"was terminated by signal {signal.SIGSEGV.value}") as told:
                session.run("select pg_sleep(50)")
            assert "\n" not in str(told.value)


def test_programs_that_others_cannot_read_are_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_installed", lambda: iter(()))
    monkeypatch.delenv(binaries.VARIABLE, raising=False)
    copied = installation.copy(binaries.find(), tmp_path / "postgresql")
    monkeypatch.setenv(binaries.VARIABLE, str(copied.bin))
    tmp_path.chmod(0o700)
    assert not installation.readable_by_all(copied)
    with Embedded() as server:
        server.create("app")
        with server.connect("app") as session:
            assert session.rows("select 1") == [(1,)]


def test_a_place_on_disk_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_folder, "_SHARED_MEMORY", Path("/nonexistent"))
    with Embedded() as server:
        assert not server.folder.is_relative_to("/dev/shm")
        server.create("app")


def test_programs_that_do_not_work_are_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o755)
    for program in ("postgres", "initdb"):
        (tmp_path / program).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 17.4'; exit 3\n")
        (tmp_path / program).chmod(0o755)
    (tmp_path / "share").mkdir()
    (tmp_path / "lib").mkdir()
    monkeypatch.setenv(binaries.VARIABLE, str(tmp_path))
    before = set(Path("/dev/shm").glob(f"{run_folder.PREFIX}*"))
    with pytest.raises(CannotCheck) as told, Embedded():
        pass
    assert told.value.exit_code == 3
    assert "\n" not in str(told.value)
    assert set(Path("/dev/shm").glob(f"{run_folder.PREFIX}*")) <= before


def test_a_server_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from pgassay.postgres import data_directory

    monkeypatch.setitem(data_directory.SETTINGS, "shared_buffers", "nonsense")
    with pytest.raises(CannotCheck, match=r'does not start \(exit status 1\).*"shared_buffers".*run pgassay again'):
        Embedded().__enter__()
