from __future__ import annotations

import pytest

from pgassay.model import Rule
from pgassay.replay.bench import Bench
from tests.stories.story import RULES, Teller


@pytest.fixture
def story(request: pytest.FixtureRequest, bench: Bench) -> Teller:
    """A module may say what its stories are about: `ABOUT` names rules and groups, and no other rule is asked."""
    about: tuple[str, ...] | None = getattr(request.module, "ABOUT", None)
    return Teller(bench, RULES if about is None else tuple(rule for rule in RULES if _is_about(rule, about)))


def _is_about(rule: Rule, about: tuple[str, ...]) -> bool:
    """What keeps a change from being applied at all concerns every story."""
    return rule.every_preset or rule.id in about or rule.group in about
