"""A seccomp filter without which Landlock leaves UDP, unix sockets with a path, and in old kernels TCP.

A server that waits on its unix socket accepts connections and never makes one, so it loses: sockets of any other kind,
connect(), ways around it, and looking into other processes. Runs in the warden's child just before exec; the children
of the server inherit it. Standard library only. Constants from linux/seccomp.h, linux/bpf_common.h, linux/audit.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

_PR_SET_SECCOMP, _FILTER = 22, 2
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FAMILY, _TYPE = 0, 4, 16, 24
_AF_UNIX, _SOCK_STREAM = 1, 1
_X32 = 0x40000000

# AUDIT_ARCH_*, the number of socket, and of connect, ptrace, process_vm_readv, process_vm_writev. Since then all
# architectures count alike: io_uring_setup, pidfd_getfd.
_MACHINES = {
    "x86_64": (0xC000003E, 41, (42, 101, 310, 311)),
    "aarch64": (0xC00000B7, 198, (203, 117, 270, 271)),
}
_EVERYWHERE = (425, 438)


class Missing(Exception):
    """There is no filter for this machine; the text says why."""


def refuse_network() -> None:
    """Needs PR_SET_NO_NEW_PRIVS. Raises Missing."""
    machine = os.uname().machine
    if machine not in _MACHINES or sys.maxsize < 1 << 32:
        raise Missing(f"no filter for {machine}")
    program = _program(*_MACHINES[machine])
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HP", len(program) // 8, ctypes.addressof(code))
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_SECCOMP, _FILTER, head, 0, 0):
        raise Missing(os.strerror(ctypes.get_errno()))


def _program(architecture: int, socket: int, refused: tuple[int, ...]) -> bytes:
    """Jumps name `refuse` or `allow`, the last two instructions; None is the next one."""
    lines: list[tuple[int, int, str | None, str | None]] = [
        (_LOAD, _ARCHITECTURE, None, None),
        (_EQUAL, architecture, None, "refuse"),
        (_LOAD, _NUMBER, None, None),
        (_AT_LEAST, _X32, "refuse", None),
        *((_EQUAL, number, "refuse", None) for number in (*refused, *_EVERYWHERE)),
        (_EQUAL, socket, None, "allow"),
        (_LOAD, _FAMILY, None, None),
        (_EQUAL, _AF_UNIX, None, "refuse"),
        (_LOAD, _TYPE, None, None),
        (_AND, 0xF, None, None),
        (_EQUAL, _SOCK_STREAM, "allow", "refuse"),
        (_RETURN, _ERRNO | errno.EACCES, None, None),
        (_RETURN, _ALLOW, None, None),
    ]
    places = {"refuse": len(lines) - 2, "allow": len(lines) - 1}
    return b"".join(
        struct.pack("HBBI", code, *(places[to] - n - 1 if to else 0 for to in (yes, no)), value)
        for n, (code, value, yes, no) in enumerate(lines)
    )
