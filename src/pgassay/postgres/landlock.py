"""Landlock: the kernel keeps a process and its children from everything but what it was told, without root.

Runs in the warden's child just before exec. Standard library only. Constants from linux/landlock.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# The same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE = (1 << n for n in range(6))
_MAKE_DIR, _MAKE_REG, _MAKE_SOCK = 1 << 7, 1 << 8, 1 << 9
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_FOR_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV

_READ = _READ_FILE | _READ_DIR
_WRITE = _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _MAKE_SOCK | _REFER | _TRUNCATE
RIGHTS = {"execute": _READ_FILE | _EXECUTE, "read": _READ, "write": _WRITE}

_TCP = 0b11
"""Bind and connect."""
_SCOPES = 0b11
"""Abstract unix sockets, and signals to processes outside."""

_KNOWN_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}


class Missing(Exception):
    """This kernel has no Landlock for us; the text says why."""


def abi() -> int:
    """The kernel's Landlock ABI, 1 or more. Raises Missing."""
    version = _library().syscall(_CREATE_RULESET, None, 0, _VERSION)
    if version > 0:
        return int(version)
    number = ctypes.get_errno()
    words = {errno.ENOSYS: "it is not in this kernel", errno.EOPNOTSUPP: "it is switched off in this kernel"}
    raise Missing(words.get(number, os.strerror(number)))


def confine(paths: Mapping[str, Sequence[str]]) -> int:
    """From here on only `paths`, by the right in RIGHTS; those that do not exist are skipped. The ABI that it was.

    Everything that the ABI knows is refused: TCP from 4 on, signals and abstract sockets from 6 on. Needs
    PR_SET_NO_NEW_PRIVS. Raises Missing, or OSError when the kernel refuses.
    """
    version = abi()
    known = _KNOWN_RIGHTS[min(version, max(_KNOWN_RIGHTS))]
    refused = struct.pack("QQQ", known, _TCP if version >= 4 else 0, _SCOPES if version >= 6 else 0)
    rules = _call(_CREATE_RULESET, refused, len(refused), 0)
    for name, each in paths.items():
        for path in each:
            with suppress(FileNotFoundError):
                _allow(rules, path, RIGHTS[name] & known)
    _call(_RESTRICT_SELF, rules, 0)
    os.close(rules)
    return version


def _allow(rules: int, path: str, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _FOR_FILES
        _call(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)


def _call(number: int, *arguments: object) -> int:
    result = _library().syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"landlock: {os.strerror(ctypes.get_errno())}")
    return int(result)


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
