"""The program that a warden runs: started confined, listened to, kept within limits, stopped with all its children.

Standard library only, and few modules, like the warden.
"""
# ruff: noqa: PTH112, PTH123, PTH208
# pathlib takes 10 ms to import.

from __future__ import annotations

import marshal
import os
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

_BETWEEN_LOOKS = 0.2
_SMALLEST_FILE = 16384
_LINUX = sys.platform == "linux"
_IPC_RMID = 0
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 36, 38


def get_ready() -> None:
    """Become the parent of whatever loses its own below us, and import what a child could not as another user."""
    if _LINUX:
        import resource  # noqa: F401

        from pgassay.postgres import landlock, seccomp  # noqa: F401

        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def size_of(folder: str, enough: int) -> int:
    """Bytes in a folder, each file taken for no less than its share of inodes; counting ends at `enough`."""
    size = 0
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    size += size_of(entry.path, enough - size)
                else:
                    size += max(entry.stat(follow_symlinks=False).st_blocks * 512, _SMALLEST_FILE)
            if size >= enough:
                break
    return size


class Child:
    """The one program that runs for us. What it says comes out of `output`, -1 when it says no more.

    `status` is its exit status once it has ended, `over` the limit that it was stopped for.
    """

    def __init__(self, order: dict[str, Any]) -> None:
        self.failure: tuple[str, int, str] | None = None
        self.missing: list[str] = []
        self.status: int | None = None
        self.over = ""
        self._folder, self._disk = order["folder"], order["disk"]
        self._deadline = time.monotonic() + order["seconds"] if order["seconds"] else 0.0
        self._next_look = time.monotonic() if self._disk else 0.0
        self._words = b""
        self.output, output = os.pipe()
        heard, said = os.pipe()
        warden = os.getpid()
        self.pid = self._first_pid = os.fork()
        if self.pid == 0:
            _become(order, output, said, warden)
        os.close(output)
        os.close(said)
        os.set_blocking(self.output, False)
        with open(heard, "rb") as answers, suppress(EOFError):
            while answer := marshal.load(answers):
                if answer[0] == "missing":
                    self.missing = answer[1]
                else:
                    self.failure = answer
        if self.failure:
            os.waitpid(self.pid, 0)
            self.pid = 0

    def attend(self) -> bool:
        """To be called when there is output, when a process has ended and after `patience`; true once, at the end."""
        running = self.pid
        self._listen()
        self._limit()
        self._reap()
        if running and not self.pid:
            # What it left running may still write where somebody wants to read now.
            self._end_orphans()
            return True
        return False

    def patience(self) -> float | None:
        """Seconds until a limit wants to be looked at, None when there is none."""
        moments = [moment for moment in (self._deadline, self._next_look) if moment]
        return max(0.0, min(moments) - time.monotonic()) if self.pid and moments else None

    def tail(self) -> str:
        for _ in range(16):
            self._listen()
        return self._words.decode("utf-8", "replace")

    def _listen(self) -> None:
        """It may say more than any disk holds, and only the end of it is of use."""
        if self.output >= 0:
            with suppress(BlockingIOError):
                said = os.read(self.output, 65536)
                self._words = (self._words + said)[-TAIL:]
                if not said:
                    self._close()

    def _limit(self) -> None:
        now = time.monotonic()
        if self._deadline and now >= self._deadline:
            self.over = "seconds"
        elif self._next_look and now >= self._next_look:
            if size_of(self._folder, self._disk) >= self._disk:
                self.over = "disk"
            took = time.monotonic() - now
            self._next_look = now + max(_BETWEEN_LOOKS, 20 * took)
        if self.over and self.pid:
            self.stop()

    def _close(self) -> None:
        if self.output >= 0:
            os.close(self.output)
        self.output = -1

    def _reap(self) -> None:
        """Collect whatever has ended, adopted orphans included."""
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self.pid:
                    self.pid, self.status = 0, os.waitstatus_to_exitcode(ended[1])

    def interrupt(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGINT)

    def stop(self) -> None:
        """SIGQUIT is PostgreSQL's immediate shutdown: milliseconds, and it takes its own children along."""
        deadline = time.monotonic() + PATIENCE
        # Nobody may wait for us to listen.
        self._close()
        if self.pid:
            os.kill(self.pid, signal.SIGQUIT)
        while self.pid and time.monotonic() < deadline:
            time.sleep(0.001)
            self._reap()
        if self.pid:
            os.killpg(self.pid, signal.SIGKILL)
        self._end_orphans()

    def _end_orphans(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while (left := _children()) and time.monotonic() < deadline:
            for pid in left:
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.001)
            self._reap()
        _remove_shared_memory(self._first_pid)


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


def _become(order: dict[str, Any], output: int, said: int, warden: int) -> None:
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
        os.dup2(output, 1)
        os.dup2(output, 2)
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
        step = "sandbox"
        if order["sandbox"]:
            os.write(said, marshal.dumps(("missing", _confine(order["sandbox"]))))
        step = "program"
        os.execve(order["argv"][0], order["argv"], order["environment"])
    except OSError as error:
        os.write(said, marshal.dumps((step, error.errno or 0, error.strerror or str(error))))
    except BaseException as error:
        os.write(said, marshal.dumps((step, 0, repr(error))))
    finally:
        os._exit(127)


def _confine(paths: dict[str, list[str]]) -> list[str]:
    """What of the sandbox this machine has not got."""
    from pgassay.postgres import landlock, seccomp

    missing = []
    tcp = False
    try:
        tcp = landlock.confine(paths) >= 4
    except landlock.Missing as reason:
        missing.append(f"Landlock: {reason}")
    try:
        seccomp.refuse_network()
    except seccomp.Missing as reason:
        missing.append(f"seccomp: {reason}" + ("" if tcp else ", and Landlock does not know TCP"))
    return missing


def _library() -> ctypes.CDLL:
    import ctypes

    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> None:
    import ctypes

    if _library().prctl(option, ctypes.c_ulong(value), 0, 0, 0):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
