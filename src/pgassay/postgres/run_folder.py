"""The private folder of one run: where it goes, how the next run knows that nobody needs it any more."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pgassay.errors import CannotCheck
from pgassay.postgres import warden

PREFIX = "pgassay-"
SOCKET = ".s.PGSQL.5432"

_LOCK = "lock"
_CLUSTER = "cluster"
_SHARED_MEMORY = Path("/dev/shm")
_ENOUGH_MEMORY = 1 << 30
_ENOUGH_DISK = 256 << 20
_LONGEST_SOCKET = 107 if sys.platform == "linux" else 103
_UNFINISHED_AFTER = 600.0
_UNTIL_REMOVED = 2.0


class RunFolder:
    """`path` holds the lock, the logs and `cluster`, which alone belongs to the server's user.

    The lock is held by this object and by everybody who inherits `lock`. A folder whose lock is free is nobody's.
    """

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self.lock = lock

    @property
    def cluster(self) -> Path:
        return self.path / _CLUSTER

    def close(self) -> None:
        """Let go of the lock, and remove what a warden that was killed has left."""
        deadline = time.monotonic() + _UNTIL_REMOVED
        while self.path.exists() and time.monotonic() < deadline:
            warden.remove(str(self.path))
            time.sleep(0.01)
        os.close(self.lock)


def make(*, for_others: bool, executable: bool) -> RunFolder:
    """A new folder, after removing those that killed runs left behind.

    It lies in memory when there is room. `for_others` means that another user's server must be able to reach `cluster`,
    `executable` that programs will be started from it. Raises CannotCheck when no place will do.
    """
    _sweep()
    refusals = []
    for place in _places():
        if reason := _refusal(place, for_others=for_others, executable=executable):
            refusals.append(f"{place} {reason}")
            continue
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        # Renamed into place when it is locked already, so that no other run can find it free.
        new = path / "lock.new"
        lock = os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        new.rename(path / _LOCK)
        if for_others:
            path.chmod(0o711)
        (path / _CLUSTER).mkdir(mode=0o700)
        return RunFolder(path, lock)
    raise CannotCheck(f"no folder for a throwaway server: {'; '.join(refusals)}; set TMPDIR to one that will do")


def _places() -> Iterator[Path]:
    if _is_memory(_SHARED_MEMORY) and shutil.disk_usage(_SHARED_MEMORY).free >= _ENOUGH_MEMORY:
        yield _SHARED_MEMORY
    yield from dict.fromkeys(Path(each).resolve() for each in (tempfile.gettempdir(), "/tmp", "/var/tmp"))


def _is_memory(place: Path) -> bool:
    try:
        mounts = Path("/proc/self/mounts").read_text(errors="replace").splitlines()
    except OSError:
        return False
    kinds = [fields[2] for line in mounts if (fields := line.split())[1:2] == [str(place)]]
    return kinds[-1:] == ["tmpfs"]


def _refusal(place: Path, *, for_others: bool, executable: bool) -> str | None:
    socket = place / f"{PREFIX}12345678" / _CLUSTER / SOCKET
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return "cannot be written"
    if shutil.disk_usage(place).free < _ENOUGH_DISK:
        return f"has less than {_ENOUGH_DISK >> 20} MB free"
    if executable and os.statvfs(place).f_flag & getattr(os, "ST_NOEXEC", 0):
        return "is mounted noexec"
    if for_others and not reachable(place):
        return "cannot be reached by other users"
    # libpq takes a comma for the start of a second host.
    if len(os.fsencode(socket)) > _LONGEST_SOCKET or "," in str(place):
        return "is too long a path for a socket"
    return None


def reachable(path: Path) -> bool:
    """Whether every user can get to a path and read it, by the mode bits from the root down."""
    whole = path.resolve()
    for step in (whole, *whole.parents):
        try:
            mode = step.stat().st_mode
        except OSError:
            return False
        needed = stat.S_IXOTH if stat.S_ISDIR(mode) else stat.S_IROTH
        if mode & needed != needed:
            return False
    return True


def _sweep() -> None:
    """Remove the folders of runs that were killed together with their warden: ours by name, owner and free lock."""
    for place in {_SHARED_MEMORY, *_places()}:
        with suppress(OSError):
            for path in place.glob(f"{PREFIX}*"):
                with suppress(OSError):
                    if _is_abandoned(path):
                        warden.remove(str(path))


def _is_abandoned(path: Path) -> bool:
    folder = path.lstat()
    if not stat.S_ISDIR(folder.st_mode) or folder.st_uid != os.geteuid():
        return False
    try:
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        # Killed within the microseconds before the lock was there, or in the middle of removing.
        return {each.name for each in path.iterdir()} <= {
            "lock.new"
        } and time.time() - folder.st_mtime > _UNFINISHED_AFTER
    try:
        owner = os.fstat(lock)
        if not stat.S_ISREG(owner.st_mode) or owner.st_uid != os.geteuid():
            return False
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
