"""What an attack is after: a file, a variable of another process, a listener, another database. All readable to it."""

from __future__ import annotations

import os
import secrets
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from pgassay.postgres.provider import Provider

DATABASE = "canary"

_WAIT = "import sys; sys.stdin.read()"
_MAKE = "create table public.kept as select '{secret}'::text as secret; grant all on public.kept to public"
_STILL_THERE = "do $$ begin assert (select count(*) from public.kept where secret = '{secret}') = 1; end $$"


class Canaries(Struct, frozen=True):
    """`folder` is open to everybody and holds `secret.txt`; process `pid` has the secret in its environment."""

    secret: str
    folder: Path
    pid: int
    listener: socket.socket

    def fill_in(self, sql: str) -> str:
        """Puts the targets where an attack names them as `@folder@`, `@pid@`, `@port@`."""
        targets = {"folder": self.folder, "pid": self.pid, "port": self.listener.getsockname()[1]}
        for name, value in targets.items():
            sql = sql.replace(f"@{name}@", str(value))
        return sql

    def make_database(self, server: Provider) -> None:
        server.create(DATABASE)
        server.prepare(DATABASE, _MAKE.format(secret=self.database_secret))

    @property
    def database_secret(self) -> str:
        return self.secret[::-1]

    def check_database(self, server: Provider) -> None:
        server.prepare(DATABASE, _STILL_THERE.format(secret=self.database_secret))

    def check(self) -> None:
        """Nobody has knocked, nothing was written."""
        assert not select.select([self.listener], [], [], 0)[0], "somebody has connected"
        assert {path.name for path in self.folder.iterdir()} == {"secret.txt"}
        assert (self.folder / "secret.txt").read_text() == self.secret

    def check_unseen(self, what: Path) -> None:
        """The secret of file and environment is in none of the files below `what`."""
        began = self.folder.stat().st_mtime
        for path in what.rglob("*"):
            if path.is_file() and path.stat().st_mtime >= began:
                assert self.secret.encode() not in path.read_bytes(), f"the secret is in {path}"


@contextmanager
def canaries(user: int | None = None) -> Iterator[Canaries]:
    """`user` and a group of the same number own the process, by default our own do."""
    secret = secrets.token_hex(16)
    folder = Path(tempfile.mkdtemp(prefix="canary-", dir="/tmp"))
    folder.chmod(0o777)
    (folder / "secret.txt").write_text(secret)
    (folder / "secret.txt").chmod(0o666)
    command = [sys.executable, "-I", "-S", "-c", _WAIT] if user is None else ["/bin/cat"]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={"GITHUB_TOKEN": secret},
        cwd="/",
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            yield Canaries(secret, folder, process.pid, listener)
    finally:
        process.communicate()
        shutil.rmtree(folder)


def owner_of(path: Path) -> int:
    return os.stat(path).st_uid  # noqa: PTH116
