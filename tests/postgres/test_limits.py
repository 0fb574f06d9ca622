"""How much a run may take, with everything that PostgreSQL has for that switched off."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from pgassay.errors import CannotCheck
from pgassay.postgres.embedded import Embedded
from pgassay.postgres.limits import Limits
from pgassay.postgres.provider import SUPERUSER
from pgassay.postgres.warden_child import TAIL, size_of
from pgassay.postgres.warden_link import Ended
from tests.postgres.test_embedded import is_gone, pid_of


def test_a_backend_that_nothing_ends_takes_the_server_with_it() -> None:
    with Embedded(limits=Limits(statement=0.2, cancel=0.2, terminate=0.2)) as server:
        folder = server.folder
        server.create("app")
        with server.connect("app") as session:
            os.kill(session.pid, signal.SIGSTOP)
            started = time.monotonic()
            with pytest.raises(
                CannotCheck, match=r"had not ended after 0\.2 s and could not be cancelled; leave it out"
            ):
                session.run("select 1")
            assert time.monotonic() - started < 10
        assert not server.alive()
        with pytest.raises(CannotCheck, match="could not be cancelled"):
            server.connect("app")
    assert is_gone(folder)


def test_a_question_of_ours_to_a_backend_that_nothing_ends() -> None:
    with Embedded(limits=Limits(statement=0.2, cancel=0.2, terminate=0.2)) as server:
        server.create("app")
        with server.connect("app") as session:
            os.kill(session.pid, signal.SIGSTOP)
            with pytest.raises(CannotCheck, match="could not be cancelled"):
                session.rows("select 1")


def test_a_server_lives_as_long_as_its_run() -> None:
    with Embedded(limits=Limits(run=1.0)) as server:
        started = time.monotonic()
        server.create("app")
        with server.connect("app") as session, pytest.raises(CannotCheck, match="had not ended after 1 s"):
            session.run("select pg_sleep(60)")
        assert time.monotonic() - started < 10


def test_a_rest_does_not_make_the_life_longer() -> None:
    with Embedded(limits=Limits(run=3.0)) as server:
        server.create("app")
        time.sleep(1.6)
        server._databases.close()
        server._cluster.rest(lambda _: None)
        server._databases.open()
        with server.connect("app") as session, pytest.raises(CannotCheck, match=r"had not ended after 3 s"):
            session.run("select pg_sleep(2.4)")


def test_a_disk_is_not_filled() -> None:
    with Embedded(limits=Limits(disk=150_000_000)) as server:
        folder = server.folder
        server.create("app")
        with server.connect("app") as session:
            session.run("create table t (a text); alter table t alter a set storage external")
            with pytest.raises(CannotCheck, match=r"when it had filled 0\.14 GB; write less in one migration"):
                session.run("do $$ begin loop insert into t values (repeat('x', 1000000)); end loop; end $$")
    assert is_gone(folder)


def test_what_a_server_says_is_not_kept_on_disk() -> None:
    with Embedded() as server:
        server.create("app")
        with server._databases._session(SUPERUSER, "app") as session:
            session.run("do $$ begin for n in 1..30000 loop raise log '% %', n, repeat('x', 1000); end loop; end $$")
            os.kill(session.pid, signal.SIGSEGV)
            with pytest.raises(CannotCheck, match=rf"terminated by signal {signal.SIGSEGV.value}") as told:
                session.run("select pg_sleep(60)")
        assert len(str(told.value)) < TAIL + 500
        assert not any(path.suffix == ".log" for path in server.folder.rglob("*"))
        if sys.platform == "linux":
            status = Path(f"/proc/{pid_of(server.folder, 'warden.main')}/status").read_text()
            assert int(status.partition("VmHWM:")[2].split()[0]) < 60_000


def test_what_a_migration_says_is_not_taken_for_the_last_words() -> None:
    with Embedded() as server:
        server.create("app")
        with server.connect("app") as session:
            assert session.run("do $$ begin raise log 'believe me'; end $$").error is None
            os.kill(session.pid, signal.SIGSEGV)
            with pytest.raises(CannotCheck, match=r"its last words: .*terminated by signal") as told:
                session.run("select pg_sleep(60)")
        assert "believe me" not in str(told.value)


def test_last_words_are_one_printable_line() -> None:
    ended = Ended(1, "first\nsecond \x1b[31m\nthird\n\n\x07fourth\rfifth\n")
    assert ended.last_words == "second ?[31m / third / ?fourth / fifth"
    assert Ended(1, "\n").last_words == "none"


def test_every_file_counts(tmp_path: Path) -> None:
    assert size_of(str(tmp_path), 1 << 30) == 0
    (tmp_path / "folder").mkdir()
    for n in range(10):
        (tmp_path / "folder" / str(n)).touch()
    empty = size_of(str(tmp_path), 1 << 30)
    assert empty >= 10 * 4096
    (tmp_path / "large").write_bytes(bytes(1 << 20))
    (tmp_path / "link").symlink_to("/")
    assert empty + (1 << 20) <= size_of(str(tmp_path), 1 << 30) < empty + (2 << 20)
    assert size_of(str(tmp_path), 1) >= 1
    assert size_of(str(tmp_path / "absent"), 1 << 30) == 0
