"""The process that holds a throwaway server, and takes it away when whoever asked for it is gone.

In a session of its own and with an empty environment, it starts one program at a time on request, confined and within
limits, and keeps the last words of its output in memory. When its standard input ends, or on SIGTERM, SIGINT or SIGHUP,
it stops what runs, removes the folder of the run and ends. Standard library only, and few modules: it is on the way of
every start.

Messages are `marshal` values after four bytes of length; both ends are the same interpreter.
    in   ("start", {"argv", "environment", "user": (uid, gid) | None, "folder", "sandbox": paths by right | None,
          "address_space": bytes or 0, "disk": bytes or 0, "seconds": or 0})
    in   ("interrupt",)
    out  ("started", pid, [what of the sandbox is missing]) | ("failed", step, errno, words),
         then ("ended", status, tail of the output, "disk" | "seconds" | "" for the limit that it went over)
    out  ("fault", words)
"""
# ruff: noqa: PTH106
# pathlib takes 10 ms to import.

from __future__ import annotations

import marshal
import os
import select
import signal
import sys
from contextlib import suppress

from pgassay.postgres.warden_child import Child, get_ready

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself takes 8 ms to import
    from typing import Any


def send(fd: int, message: Any) -> None:
    data = marshal.dumps(message)
    data = len(data).to_bytes(4, "big") + data
    while data:
        data = data[os.write(fd, data) :]


def receive(fd: int) -> Any:
    """The next message, None at the end of the stream."""
    if not (head := _read(fd, 4)):
        return None
    body = _read(fd, int.from_bytes(head, "big"))
    return marshal.loads(body) if body else None


def _read(fd: int, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = os.read(fd, size - len(data))
        if not piece:
            return b""
        data += piece
    return data


def remove(folder: str) -> None:
    """Remove a folder and what is in it. Symbolic links are removed, never followed."""
    with suppress(FileNotFoundError):
        for _, folders, files, fd in os.fwalk(folder, topdown=False):
            for name in files:
                with suppress(OSError):
                    os.unlink(name, dir_fd=fd)
            for name in folders:
                with suppress(OSError):
                    os.rmdir(name, dir_fd=fd)
                with suppress(OSError):
                    os.unlink(name, dir_fd=fd)
    with suppress(OSError):
        os.rmdir(folder)


def main() -> None:
    """To be run with the arguments FOLDER LOCK_FD at the end of the command line."""
    folder, lock = sys.argv[-2], int(sys.argv[-1])
    # Held open until we end: whoever can lock the file knows that nobody looks after the folder any more.
    os.set_inheritable(lock, False)
    told_to_stop: list[int] = []
    woken, wake = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda received, _: told_to_stop.append(received))
    signal.signal(signal.SIGCHLD, lambda *_: None)
    child: Child | None = None
    try:
        get_ready()
        while not told_to_stop:
            sources = [0, woken, *([child.output] if child and child.output >= 0 else [])]
            ready, _, _ = select.select(sources, [], [], child.patience() if child else None)
            if woken in ready:
                os.read(woken, 512)
            if child and child.attend():
                send(1, ("ended", child.status, child.tail(), child.over))
            if 0 in ready:
                message = receive(0)
                if message is None:
                    break
                if message[0] == "interrupt":
                    if child:
                        child.interrupt()
                    continue
                child = Child(message[1])
                send(1, ("failed", *child.failure) if child.failure else ("started", child.pid, child.missing))
    except BrokenPipeError:
        pass
    except Exception as error:
        send(1, ("fault", repr(error)))
    finally:
        if child:
            child.stop()
        remove(folder)
