"""The seconds of the stage: a proof that takes them all is given up, and those that come after it are not begun."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar, cast

from msgspec.structs import replace

from pgassay.errors import CannotCheck
from pgassay.model import Unchecked
from pgassay.postgres.provider import Provider
from pgassay.postgres.session import Session
from pgassay.replay.ground import Ground

T = TypeVar("T")
MORE_TIME = "give more with `[proofs] seconds`"


class Budget:
    def __init__(self, seconds: float) -> None:
        self.until = monotonic() + seconds
        self.unchecked: list[Unchecked] = []
        self.seconds: dict[str, float] = {}

    @property
    def left(self) -> float:
        return max(self.until - monotonic(), 0.0)

    def spend(self, name: str, what: str, proof: Callable[[Ground], T], ground: Ground, nothing: T) -> T:
        """What the proof finds, or `nothing` and an entry for the report, and how long it took under its `name`.

        The sessions that it opens raise OutOfTime when the time is over. Raises CannotCheck when the server dies.
        """
        if not self.left:
            self.unchecked.append(Unchecked(what, "no time was left", MORE_TIME))
            return nothing
        bench = copy.copy(ground.bench)
        bench.server = cast(Provider, _Hurried(bench.server, self))
        try:
            with self.timed(name):
                return proof(replace(ground, bench=bench))
        except CannotCheck as failure:
            if not ground.bench.server.alive():
                raise
            self.unchecked.append(Unchecked(what, str(failure), None if self.left else MORE_TIME))
            return nothing

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        started = monotonic()
        try:
            yield
        finally:
            self.seconds[name] = monotonic() - started


class Share:
    """A proof's own part of the seconds, from now on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._until = monotonic() + seconds

    @property
    def left(self) -> float:
        return max(self._until - monotonic(), 0.0)

    def used_up(self, what: str) -> Unchecked:
        return Unchecked(what, f"it had not ended after {self.seconds:g} s")


class _Hurried:
    """A server on which every new session ends in time."""

    def __init__(self, server: Provider, budget: Budget) -> None:
        self._server = server
        self._budget = budget

    def connect(self, name: str) -> Session:
        session = self._server.connect(name)
        session.end_by(self._budget.until)
        return session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._server, name)
