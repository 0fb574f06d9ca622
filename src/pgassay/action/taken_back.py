"""A run without a report takes back what an earlier one said about another commit."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from pgassay.action.inputs import Inputs
from pgassay.action.runner import Runner
from pgassay.errors import PgassayError
from pgassay.github.client import GitHub
from pgassay.github.event import Posting, read_event
from pgassay.github.model import Options
from pgassay.github.not_checked import say_not_checked


def take_back(runner: Runner, inputs: Inputs, token: str, environment: Mapping[str, str], why: str) -> None:
    """Raises nothing: the run has failed already, and its log says why."""
    if not inputs.post:
        return
    with suppress(PgassayError):
        event = read_event(environment, runner.payload(), author=inputs.author)
        if event.pull_request is None or event.posting is not Posting.YES:
            return
        options = Options(event.head, event.author, inputs.id)
        github = GitHub(token, runner.repository, api_url=runner.api_url)
        say_not_checked(event.pull_request, options, why, github)
