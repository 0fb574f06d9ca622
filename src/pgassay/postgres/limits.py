"""How much a run may take. The SQL is somebody else's, and can switch off every limit that PostgreSQL has itself."""

from __future__ import annotations

from msgspec import Struct


class Limits(Struct, frozen=True):
    """Seconds and bytes.

    A script is cancelled after `statement`; one that has not ended `cancel` seconds later is ended with its session,
    and when that has not helped after `terminate` more, the server is stopped. `run` is the life of a server. `disk` is
    what it may have on disk, `address_space` is for each of its processes: `work_mem` is the migration's to set.
    """

    statement: float = 60.0
    cancel: float = 2.0
    terminate: float = 5.0
    run: float = 600.0
    disk: int = 2 << 30
    address_space: int = 1 << 30


DEFAULT = Limits()
