from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgassay.postgres import data_directory
from pgassay.postgres.binaries import Binaries
from pgassay.postgres.data_directory import Maker, Run


@pytest.fixture(scope="session")
def make() -> Iterator[Maker]:
    """Data directories without the third of a second that initdb takes, for servers by the dozen."""
    kept: dict[str, Path] = {}
    with tempfile.TemporaryDirectory(
        prefix="canary-data-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None
    ) as at:

        def copy_of_first(programs: Binaries, data: Path, run: Run) -> bool:
            if programs.version not in kept:
                data_directory.initialise(programs, data, run)
                kept[programs.version] = Path(shutil.copytree(data, Path(at) / programs.version))
            else:
                shutil.copytree(kept[programs.version], data)
            return False

        yield copy_of_first
