"""A PostgreSQL server process with a folder of its own: made, started, watched, taken away."""

from __future__ import annotations

import importlib
import time
from collections.abc import Sequence
from pathlib import Path

from pgassay.errors import CannotCheck
from pgassay.postgres import data_directory, installation, os_user, run_folder
from pgassay.postgres.binaries import Binaries
from pgassay.postgres.os_user import CannotBecome, OsUser
from pgassay.postgres.warden_link import Ended, WardenLink

ADDRESS_SPACE = 2 << 30
"""Bytes for each process of the server: `work_mem` is the migration's to set."""

_UNTIL_MADE = 120.0
_UNTIL_READY = 60.0


class Cluster:
    """Made means that the folder exists and a warden holds it; `close` takes all of it away, started or not."""

    def __init__(self, programs: Binaries) -> None:
        self._as_root = os_user.is_root()
        copied = self._as_root and not installation.readable_by_all(programs)
        self._folder = run_folder.make(for_others=self._as_root, executable=copied)
        try:
            self._warden = WardenLink(self._folder)
        except BaseException:
            self._folder.close()
            raise
        self._programs = programs
        self._copied = copied

    @property
    def folder(self) -> Path:
        return self._folder.path

    @property
    def socket_folder(self) -> Path:
        return self._folder.cluster

    def start(self, make: data_directory.Maker) -> bool:
        """Fill the data directory with `make`, start the server, wait until it answers. Returns what `make` does.

        Raises CannotCheck with the words of whichever program failed.
        """
        if self._copied:
            self._programs = installation.copy(self._programs, self.folder / "postgresql")
        ours = make(self._programs, self._data, self._run)
        self._serve()
        self._wait_until_ready()
        return ours

    def ended(self, timeout: float = 0.0) -> CannotCheck | None:
        """What to say of a server that is no more, None while it runs. Waits `timeout` seconds for it to end."""
        ended = self._warden.ended(timeout)
        if ended is None:
            return None
        return CannotCheck(
            f"the throwaway PostgreSQL {self._programs.version} died ({ended.how}), its last words: "
            f"{ended.last_words}; run pgassay again, and report it if it dies again"
        )

    def close(self) -> None:
        try:
            self._warden.close()
        finally:
            self._folder.close()

    @property
    def _data(self) -> Path:
        return self._folder.cluster / "data"

    def _run(self, argv: Sequence[str]) -> Ended:
        self._launch(argv, os_user.named() if self._as_root else None, "initdb.log")
        # psycopg takes a good part of the time to import that initdb takes to run.
        importlib.import_module("pgassay.postgres.connection")
        if ended := self._warden.ended(_UNTIL_MADE):
            return ended
        raise CannotCheck(f"{argv[0]} had not ended after {_UNTIL_MADE:g} s; see what keeps this machine busy")

    def _serve(self) -> None:
        argv = [str(self._programs.postgres), "-D", str(self._data), *data_directory.settings(self._programs.major)]
        if not self._as_root:
            self._launch(argv, None, "server.log")
            return
        try:
            self._launch(argv, os_user.unnamed(), "server.log")
        except CannotBecome:
            # A container may know few users only.
            self._launch(argv, os_user.named(), "server.log")

    def _launch(self, argv: Sequence[str], user: OsUser | None, log: str) -> None:
        if user:
            os_user.give(self._folder.cluster, user)
        self._warden.start(
            argv,
            environment={"LC_ALL": "C", "TZ": "UTC", **self._programs.environment},
            user=user,
            folder=self._folder.cluster,
            log=self.folder / log,
            address_space=ADDRESS_SPACE,
        )

    def _wait_until_ready(self) -> None:
        """The server writes its state into the eighth line of this file, as pg_ctl knows too."""
        states = self._data / "postmaster.pid"
        deadline = time.monotonic() + _UNTIL_READY
        while time.monotonic() < deadline:
            if ended := self._warden.ended(0.001):
                raise CannotCheck(
                    f"PostgreSQL {self._programs.version} does not start ({ended.how}), its last words: "
                    f"{ended.last_words}; set that right and run pgassay again"
                )
            try:
                lines = states.read_text(errors="replace").splitlines()
            except FileNotFoundError:
                continue
            if lines[7:] and lines[7].strip() == "ready":
                return
        raise CannotCheck(
            f"PostgreSQL {self._programs.version} was not ready after {_UNTIL_READY:g} s; "
            "see what keeps this machine busy"
        )
