from __future__ import annotations

import pytest

from pgassay.replay.bench import Bench
from tests.replay.watching import Watch


@pytest.fixture
def watch(bench: Bench) -> Watch:
    return Watch(bench)
