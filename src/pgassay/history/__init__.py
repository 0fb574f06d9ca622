"""Which migrations exist, in what order, and which of them a change proposes."""

from pgassay.history.base import Base, find_base, read_at_base
from pgassay.history.discover import LeftOut, discover

__all__ = ["Base", "LeftOut", "discover", "find_base", "read_at_base"]
