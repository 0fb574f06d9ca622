"""A PostgreSQL server process with a folder of its own: made, started, watched, taken away."""

from __future__ import annotations

import importlib
import math
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from pgassay.errors import CannotCheck
from pgassay.postgres import data_directory, installation, os_user, run_folder, sandbox
from pgassay.postgres.binaries import Binaries
from pgassay.postgres.limits import DEFAULT, Limits
from pgassay.postgres.os_user import CannotBecome, OsUser
from pgassay.postgres.warden_link import CannotConfine, Ended, Order, WardenLink

_UNTIL_MADE = 120.0
_UNTIL_READY = 60.0
_UNTIL_DOWN = 20.0


class DoesNotStart(CannotCheck):
    pass


class Cluster:
    """Made means that the folder exists and a warden holds it; `close` takes all of it away, started or not.

    `unconfined` says of a started server why its sandbox is not complete, None when it is.
    """

    unconfined: str | None = None

    def __init__(self, programs: Binaries, limits: Limits = DEFAULT) -> None:
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
        self._limits = limits
        self._free = shutil.disk_usage(self.folder).free
        self._stopped: str | None = None
        self._paths: Mapping[str, Sequence[str]] | None = None
        self._deadline = math.inf

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
        self._deadline = time.monotonic() + self._limits.run
        self._paths = sandbox.plan(self._programs, self._folder.cluster)
        try:
            self._serve()
        except (CannotConfine, DoesNotStart) as reason:
            if self._paths is None:
                raise
            # Nothing of a migration has run, so this is about the machine: a library in a place that nobody foresaw.
            self._paths = None
            self._serve()
            self.unconfined = f"the server does not start in it: {reason}"
        return ours

    def rest(self, do: Callable[[Path], object]) -> None:
        """Stop the server as it likes to be stopped, do something with its data directory, and start it again."""
        self._warden.interrupt()
        if not self._warden.ended(_UNTIL_DOWN):
            raise CannotCheck(f"PostgreSQL {self._programs.version} does not stop; see what keeps this machine busy")
        do(self._data)
        unconfined = self.unconfined
        self._serve()
        self.unconfined = unconfined

    def ended(self, timeout: float = 0.0) -> CannotCheck | None:
        """What to say of a server that is no more, None while it runs. Waits `timeout` seconds for it to end."""
        ended = self._warden.ended(timeout)
        if self._stopped:
            return CannotCheck(self._stopped)
        if ended is None:
            return None
        version = self._programs.version
        if ended.over == "disk":
            size = f"{self._disk / (1 << 30):.2g} GB"
            return CannotCheck(f"stopped PostgreSQL {version} when it had filled {size}; write less in one migration")
        if ended.over == "seconds":
            return CannotCheck(
                f"stopped PostgreSQL {version} because the run had not ended after {self._limits.run:g} s; "
                "see what takes so long"
            )
        return CannotCheck(
            f"the throwaway PostgreSQL {self._programs.version} died ({ended.how}), its last words: "
            f"{ended.last_words}; run pgassay again, and report it if it dies again"
        )

    def stop(self, why: str) -> None:
        """End a server that does not listen any more. `why` is what `ended` says of it from here on."""
        self._stopped = why
        self._warden.close()

    def close(self) -> None:
        try:
            self._warden.close()
        finally:
            self._folder.close()

    @property
    def _data(self) -> Path:
        return self._folder.cluster / "data"

    @property
    def _disk(self) -> int:
        """What the server may fill: no more than half of what was free, because others need room too."""
        return min(self._limits.disk, self._free // 2)

    def _run(self, argv: Sequence[str]) -> Ended:
        self._launch(self._order(argv), os_user.named() if self._as_root else None)
        # psycopg takes a good part of the time to import that initdb takes to run.
        importlib.import_module("pgassay.postgres.connection")
        if ended := self._warden.ended(_UNTIL_MADE):
            return ended
        raise CannotCheck(f"{argv[0]} had not ended after {_UNTIL_MADE:g} s; see what keeps this machine busy")

    def _serve(self) -> None:
        argv = [str(self._programs.postgres), "-D", str(self._data), *data_directory.settings(self._programs.major)]
        seconds = max(0.001, self._deadline - time.monotonic())
        order = replace(self._order(argv), sandbox=self._paths, disk=self._disk, seconds=seconds)
        try:
            missing = self._launch(order, os_user.unnamed() if self._as_root else None)
        except CannotBecome:
            # A container may know few users only.
            missing = self._launch(order, os_user.named())
        self.unconfined = "; ".join(missing) or None if self._paths else "this system has none"
        self._wait_until_ready()

    def _order(self, argv: Sequence[str]) -> Order:
        return Order(
            tuple(argv),
            {"LC_ALL": "C", "TZ": "UTC", **self._programs.environment},
            self._folder.cluster,
            address_space=self._limits.address_space,
        )

    def _launch(self, order: Order, user: OsUser | None) -> tuple[str, ...]:
        if user:
            os_user.give(self._folder.cluster, user)
        return self._warden.start(replace(order, user=user))

    def _wait_until_ready(self) -> None:
        """The server writes its state into the eighth line of this file, as pg_ctl knows too."""
        states = self._data / "postmaster.pid"
        deadline = time.monotonic() + _UNTIL_READY
        while time.monotonic() < deadline:
            if ended := self._warden.ended(0.001):
                raise DoesNotStart(
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
