"""What a server starts from: its data directory and its settings."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pgassay.errors import CannotCheck
from pgassay.postgres.binaries import Binaries
from pgassay.postgres.provider import SUPERUSER
from pgassay.postgres.warden_link import Ended

Run = Callable[[Sequence[str]], Ended]
"""Runs a program to its end as a user that initdb accepts."""

Maker = Callable[[Binaries, Path, Run], bool]
"""Fills an absent folder. Returns whether the roles and the maintenance database are in it already."""

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": "..",
    "unix_socket_permissions": "0700",
    # Nothing here outlives the run.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # `create publication` warns below this level.
    "wal_level": "logical",
    "max_wal_senders": "0",
    "max_replication_slots": "0",
    "max_logical_replication_workers": "0",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    "checkpoint_timeout": "1h",
    "log_checkpoints": "off",
    # Nobody but us works here: what happens is what a migration did.
    "autovacuum": "off",
    "jit": "off",
    "max_parallel_workers": "0",
    "max_parallel_maintenance_workers": "0",
    # Next to the data, so that a killed server leaves nothing in /dev/shm.
    "dynamic_shared_memory_type": "mmap",
    "shared_buffers": "64MB",
    "max_connections": "20",
    # A merged base of hundreds of tables runs in one transaction.
    "max_locks_per_transaction": "512",
    "temp_file_limit": "256MB",
    # A crashed backend is the end of the run, with its last words, not a server that has forgotten half of it.
    "restart_after_crash": "off",
    # Errors of migrations are told to us; what the log keeps is why a server died, in words that are not a migration's.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_line_prefix": "",
    "lc_messages": "C",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

_SETTINGS_SINCE = {18: {"io_method": "sync"}}


def settings(major: int) -> Iterator[str]:
    """The `-c` arguments of a server. On the command line they outrank every file and `alter system`."""
    values = dict(SETTINGS)
    for since, more in _SETTINGS_SINCE.items():
        if major >= since:
            values |= more
    for name, value in values.items():
        yield from ("-c", f"{name}={value}")


def initialise(binaries: Binaries, data: Path, run: Run) -> bool:
    """Make a data directory with initdb: about 0.3 s in memory. Raises CannotCheck with initdb's own words."""
    uid = os.geteuid()
    if uid != 0 and not _has_name(uid):
        raise CannotCheck(
            f"initdb needs an entry for user {uid} in the user database and there is none; "
            "add one to /etc/passwd or run pgassay as another user"
        )
    common = [str(binaries.initdb), "-D", str(data), "-U", SUPERUSER, "-E", "UTF8", "--no-sync", "--no-instructions"]
    common += ["--auth-local=trust", "--auth-host=reject", "--text-search-config=english", "--wal-segsize=1"]
    if binaries.major >= 18:
        common.append("--no-data-checksums")
    for locale in _locales(binaries.major):
        ended = run([*common, *locale])
        if ended.status == 0:
            return False
        if "locale" not in ended.log:
            break
    raise CannotCheck(
        f"initdb of PostgreSQL {binaries.version} failed ({ended.how}), its last words: {ended.last_words}; "
        "set that right and run pgassay again"
    )


def _locales(major: int) -> Iterator[list[str]]:
    """Unicode by code point where the machine knows how, best first."""
    if major >= 17:
        yield ["--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        yield ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    yield ["--locale=C.UTF-8"]
    yield ["--locale=C"]


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
