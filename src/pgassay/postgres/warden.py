"""The process that holds a throwaway server, and takes it away when whoever asked for it is gone.

Run as `python -I -S warden.py FOLDER LOCK_FD`, in a session of its own and with an empty environment. It starts one
program at a time on request, and when its standard input ends, or on SIGTERM, SIGINT or SIGHUP, it stops what runs,
removes FOLDER and ends. Standard library only, and few modules: it is on the way of every start.

Messages are `marshal` values after four bytes of length; both ends are the same interpreter.
    in   ("start", {"argv", "environment", "user": (uid, gid) | None, "folder", "log", "address_space"})
    out  ("started", pid) | ("failed", step, errno, words), then ("ended", status, tail of the log)
    out  ("fault", words)
"""
# ruff: noqa: PTH106, PTH112, PTH123, PTH208
# pathlib takes 10 ms to import.

from __future__ import annotations

import marshal
import os
import select
import signal
import sys
import time
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself takes 8 ms to import
    import ctypes
    from typing import Any

TAIL = 8192
PATIENCE = 2.0

_LINUX = sys.platform == "linux"
_IPC_RMID = 0
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 36, 38


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


class Child:
    """The one program that runs for us. `pid` is 0 once it has ended."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.log: str = order["log"]
        self.failure: tuple[str, int, str] | None = None
        log = os.open(self.log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        heard, said = os.pipe()
        warden = os.getpid()
        self.pid = self.first_pid = os.fork()
        if self.pid == 0:
            _become(order, log, said, warden)
        os.close(log)
        os.close(said)
        if words := os.read(heard, 4096):
            self.failure = marshal.loads(words)
            os.waitpid(self.pid, 0)
            self.pid = 0
        os.close(heard)

    def tail(self) -> str:
        with open(self.log, "rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - TAIL))
            return log.read().decode("utf-8", "replace")

    def reap(self) -> int | None:
        """Collect whatever has ended; the exit status of the program itself once it is among them."""
        status = None
        while True:
            try:
                pid, each = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return status
            if pid == 0:
                return status
            if pid == self.pid:
                self.pid, status = 0, os.waitstatus_to_exitcode(each)

    def stop(self) -> None:
        """SIGQUIT is PostgreSQL's immediate shutdown: milliseconds, and it takes its own children along."""
        deadline = time.monotonic() + PATIENCE
        if self.pid:
            os.kill(self.pid, signal.SIGQUIT)
        while self.pid and time.monotonic() < deadline:
            time.sleep(0.001)
            self.reap()
        if self.pid:
            os.killpg(self.pid, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE
        while (left := _children()) and time.monotonic() < deadline:
            for pid in left:
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.001)
            self.reap()
        _remove_shared_memory(self.first_pid)


def _remove_shared_memory(creator: int) -> None:
    """A server that was killed leaves a segment of 56 bytes for each of its lives, and a machine has 4096 of them."""
    with suppress(OSError), open("/proc/sysvipc/shm", "rb") as segments:
        for segment in segments:
            fields = segment.split()
            if fields[4:5] == [b"%d" % creator] and fields[6:7] == [b"0"]:
                _library().shmctl(int(fields[1]), _IPC_RMID, None)


def _children() -> list[int]:
    """Our children, orphans of the server included: on Linux they become ours when their parent dies."""
    if not _LINUX or not os.path.isdir("/proc/1"):
        return []
    children = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as stat:
                    parent = int(stat.read().rpartition(b")")[2].split()[1])
            except OSError:
                continue
            if parent == os.getpid():
                children.append(int(name))
    return children


def _become(order: dict[str, Any], log: int, said: int, warden: int) -> None:
    """Turn this forked process into the program, or say which step failed. Does not return."""
    step = "prepare"
    try:
        import resource

        os.setsid()
        os.umask(0o077)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if order["address_space"] and _LINUX:
            resource.setrlimit(resource.RLIMIT_AS, (order["address_space"], order["address_space"]))
        if order["user"]:
            step = "user"
            uid, gid = order["user"]
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
        if _LINUX:
            step = "prctl"
            _prctl(_PR_SET_NO_NEW_PRIVS, 1)
            # After setuid, which clears it. The warden may have died before it was set.
            _prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
            if os.getppid() != warden:
                os._exit(1)
        step = "folder"
        os.chdir(order["folder"])
        step = "program"
        os.execve(order["argv"][0], order["argv"], order["environment"])
    except OSError as error:
        os.write(said, marshal.dumps((step, error.errno or 0, error.strerror or str(error))))
    except BaseException as error:
        os.write(said, marshal.dumps((step, 0, repr(error))))
    finally:
        os._exit(127)


def _library() -> ctypes.CDLL:
    import ctypes

    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> None:
    import ctypes

    if _library().prctl(option, ctypes.c_ulong(value), 0, 0, 0):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def main() -> None:
    folder, lock = sys.argv[1], int(sys.argv[2])
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
        if _LINUX:
            _prctl(_PR_SET_CHILD_SUBREAPER, 1)
        while not told_to_stop:
            ready, _, _ = select.select([0, woken], [], [])
            if woken in ready:
                os.read(woken, 512)
            if child and (status := child.reap()) is not None:
                send(1, ("ended", status, child.tail()))
            if 0 in ready:
                message = receive(0)
                if message is None:
                    break
                child = Child(message[1])
                send(1, ("failed", *child.failure) if child.failure else ("started", child.pid))
    except BrokenPipeError:
        pass
    except Exception as error:
        send(1, ("fault", repr(error)))
    finally:
        if child:
            child.stop()
        remove(folder)


if __name__ == "__main__":
    main()
