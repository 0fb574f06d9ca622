from __future__ import annotations

import pytest

from pgassay.postgres.store import Store


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Data directories without the second that they take to make, for servers by the dozen."""
    return Store(tmp_path_factory.mktemp("store"))
