"""Which migrations exist, in what order, and which of them a change proposes."""

from pgassay.history.assemble import history_of
from pgassay.history.base import Base, base_at, find_base, read_at_base, repository_top
from pgassay.history.discover import discover

__all__ = ["Base", "base_at", "discover", "find_base", "history_of", "read_at_base", "repository_top"]
