"""Which operating system user a server runs as when we are root, because PostgreSQL refuses root."""

from __future__ import annotations

import os
import pwd
import random
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from pgassay.errors import CannotCheck

_UNNAMED = range(61184, 65520)
"""systemd's range for users that exist for one service only, so nobody else hands these numbers out."""


class CannotBecome(CannotCheck):
    """The system does not let this root hand things to `user`, or turn into it."""

    def __init__(self, user: OsUser, words: str) -> None:
        super().__init__(
            f"this root may not act as user {user.uid} ({words}), and PostgreSQL does not run as root; "
            "run pgassay as an ordinary user"
        )


class OsUser(Struct, frozen=True):
    uid: int
    gid: int


def is_root() -> bool:
    return os.geteuid() == 0


def named() -> OsUser:
    """A user with an entry in the user database, which initdb insists on: `nobody`, else any that is not root."""
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        others = [each for each in pwd.getpwall() if each.pw_uid != 0]
        if not others:
            raise CannotCheck(
                "PostgreSQL does not run as root and this machine knows no other user; "
                "add one to /etc/passwd or run pgassay as an ordinary user"
            ) from None
        entry = others[-1]
    return OsUser(entry.pw_uid, entry.pw_gid)


def unnamed() -> OsUser:
    """A user that no entry names and that owns no process, so that it shares nothing with anybody."""
    taken = {entry.pw_uid for entry in pwd.getpwall()} | _uids_of_processes()
    free = [uid for uid in _UNNAMED if uid not in taken]
    if not free:
        return named()
    uid = random.choice(free)
    return OsUser(uid, uid)


def give(folder: Path, user: OsUser) -> None:
    """Make `user` the owner of a folder and of what is in it; of links, not of what they point to.

    Raises CannotBecome.
    """
    try:
        for _, folders, files, fd in os.fwalk(folder):
            os.fchown(fd, user.uid, user.gid)
            for name in (*folders, *files):
                os.chown(name, user.uid, user.gid, dir_fd=fd, follow_symlinks=False)
    except OSError as error:
        raise CannotBecome(user, error.strerror or str(error)) from None


def _uids_of_processes() -> set[int]:
    uids: set[int] = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            uids.add(process.stat().st_uid)
    return uids
