from __future__ import annotations

import pytest

from pgassay.replay.bench import Bench
from tests.stories.story import Teller


@pytest.fixture
def story(bench: Bench) -> Teller:
    return Teller(bench)
