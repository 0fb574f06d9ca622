"""Our end of the line to a warden."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from pgassay.errors import CannotCheck
from pgassay.postgres import warden
from pgassay.postgres.os_user import CannotBecome, OsUser
from pgassay.postgres.run_folder import RunFolder

_PACKAGES = str(Path(warden.__file__).parents[2])
_KEPT_VARIABLES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What Python itself may need to start. The warden gives none of it to the server."""

_UNTIL_GONE = 20.0
_UNTIL_STARTED = 10.0


# As little of Python as can be: the warden is on the way of every start.
_WARDEN = "import sys; sys.path.append(sys.argv[1]); from pgassay.postgres import warden; warden.main()"


class Ended(Struct, frozen=True):
    """How a program ended. `status` is its exit status, or minus the signal that killed it.

    `over` is the limit that it was stopped for, "disk" or "seconds", else empty.
    """

    status: int
    log: str
    over: str = ""

    @property
    def how(self) -> str:
        if self.status >= 0:
            return f"exit status {self.status}"
        with suppress(ValueError):
            return f"killed by {signal.Signals(-self.status).name}"
        return f"killed by signal {-self.status}"

    @property
    def last_words(self) -> str:
        printable = "".join(each if each.isprintable() or each.isspace() else "?" for each in self.log)
        lines = [" ".join(line.split()) for line in printable.splitlines() if line.strip()]
        return " / ".join(lines[-4:]) or "none"


class Order(Struct, frozen=True):
    """What to start, in `folder`. `address_space` and `disk` are bytes, 0 for no limit; `disk` is about `folder`.

    `sandbox` is what the program may reach, by right (`landlock.RIGHTS`); None leaves it free.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    user: OsUser | None = None
    sandbox: Mapping[str, Sequence[str]] | None = None
    address_space: int = 0
    disk: int = 0
    seconds: float = 0.0

    @property
    def message(self) -> dict[str, Any]:
        return {
            "argv": list(self.argv),
            "environment": dict(self.environment),
            "user": (self.user.uid, self.user.gid) if self.user else None,
            "folder": str(self.folder),
            "sandbox": {right: list(paths) for right, paths in self.sandbox.items()} if self.sandbox else None,
            "address_space": self.address_space,
            "disk": self.disk,
            "seconds": self.seconds,
        }


class CannotConfine(Exception):
    """The kernel has a sandbox and refuses this one, or what is to run in it."""


class WardenLink:
    """Starts a warden for `folder`, which takes over the folder and holds its lock.

    The warden sees this process end by the pipe to it closing, which happens however we end.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._ended: Ended | None = None
        if not sys.executable:
            raise CannotCheck(
                "this Python does not know its own path (sys.executable); run pgassay with an ordinary one"
            )
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _WARDEN, _PACKAGES, str(folder.path), str(folder.lock)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
            cwd="/",
            pass_fds=[folder.lock],
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to = self._process.stdin
        self._from = self._process.stdout

    def start(self, order: Order) -> tuple[str, ...]:
        """Start a program; the one before it must have ended. What of the sandbox this machine has not got.

        Raises CannotBecome when the system refuses the user, CannotConfine when it refuses the sandbox or the program
        in it, CannotCheck when the program cannot be started.
        """
        self._ended = None
        with suppress(BrokenPipeError):
            warden.send(self._to.fileno(), ("start", order.message))
        match self._next(_UNTIL_STARTED):
            case ("started", _, missing):
                return tuple(missing)
            case ("failed", "user", _, words):
                assert order.user is not None
                raise CannotBecome(order.user, words)
            case ("failed", "sandbox" | "program", _, words) if order.sandbox:
                raise CannotConfine(words)
            case ("failed", _, _, words):
                raise CannotCheck(f"{order.argv[0]} does not start ({words}); see that it is a program of this machine")
            case other:
                raise CannotCheck(f"the process that holds the server gave no answer ({other!r}); run pgassay again")

    def interrupt(self) -> None:
        """Ask the program to end, as Ctrl-C does: a server ends its sessions and writes everything down."""
        with suppress(BrokenPipeError):
            warden.send(self._to.fileno(), ("interrupt",))

    def ended(self, timeout: float = 0.0) -> Ended | None:
        """How the program ended, None while it runs. Waits `timeout` seconds for it to end."""
        if self._ended is None:
            match self._next(timeout):
                case ("ended", status, log, over):
                    self._ended = Ended(status, log, over)
                case ("fault", words):
                    self._ended = Ended(-signal.SIGQUIT, f"the process that holds the server failed: {words}")
                case "silence":
                    pass
                case _:
                    self._ended = Ended(-signal.SIGQUIT, "the process that holds the server was killed")
        return self._ended

    def _next(self, timeout: float) -> Any:
        """The warden's next message, "silence" when none comes in time, None when the warden is gone."""
        ready, _, _ = select.select([self._from], [], [], timeout)
        return warden.receive(self._from.fileno()) if ready else "silence"

    def close(self) -> None:
        """Have everything stopped and removed, and wait for it."""
        self._ended = self._ended or Ended(0, "its time was up")
        with suppress(OSError):
            self._to.close()
        try:
            self._process.wait(_UNTIL_GONE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            self._from.close()
