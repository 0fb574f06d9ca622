"""Lending the test session's server to code that would start and stop one."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from pgassay.replay.bench import Bench


def borrowed(bench: Bench) -> AbstractContextManager[Bench]:
    return nullcontext(bench)
