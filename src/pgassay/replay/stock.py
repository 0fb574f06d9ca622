"""`python -m pgassay.replay.stock FOLDER` fills a store with every environment; PGASSAY_STORE names it then.

The image of the action is built with it, so that no run has to make a data directory.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pgassay.postgres import environments
from pgassay.postgres.embedded import Embedded
from pgassay.postgres.store import Store
from pgassay.replay.bench import template


def stock(folder: Path) -> None:
    """Raises CannotCheck when there is no server to be had."""
    wanted = [template("postgres"), *(template("supabase", way) for way in environments.DEFAULT_PRIVILEGES)]
    for each in wanted:
        with Embedded(template=each, store=Store(folder)):
            pass


if __name__ == "__main__":
    stock(Path(sys.argv[1]))
