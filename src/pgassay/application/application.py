"""The application's code and what it uses, for one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from pgassay.application.files import Code
from pgassay.model import AllowComment, Finding, Stage, Unchecked, Usage, What

if TYPE_CHECKING:
    from pgassay.project import Project


class Application(Struct, frozen=True):
    """Empty where there is no code, or no rule that asks for it."""

    code: Code | None = None
    usages: tuple[Usage, ...] = ()
    notes: tuple[Unchecked, ...] = ()
    seconds: dict[str, float] = {}
    speaks_of_supabase: bool = False

    @classmethod
    def of(cls, project: Project, progress: Callable[[str], None]) -> Application:
        place = project.application
        if place is None or place.folders == () or not any(rule.stage is Stage.APPLICATION for rule in project.rules):
            return cls()
        from pgassay.application.cache import Cache
        from pgassay.application.scan import scan

        started = time.perf_counter()
        code = place.find()
        if not project.history.proposed and not code.changed:
            return cls()
        progress(f"reading {len(code.paths)} files of code")
        cache = Cache.of_user() if place.texts is None else None
        try:
            scanned = scan(code, cache)
        finally:
            if cache:
                cache.close()
        usages = scanned.usages
        if project.environment == "postgres" and not scanned.speaks_of_supabase:
            # Other libraries have a `from("x").select()` too.
            usages = tuple(usage for usage in usages if not usage.via.startswith("supabase"))
        seconds = {"application": time.perf_counter() - started}
        return cls(code, usages, tuple(scanned.notes()), seconds, scanned.speaks_of_supabase)

    @property
    def is_touched(self) -> bool:
        """Whether the change brings a use of the database, so that a server is worth its start."""
        code = self.code
        return code is not None and any(
            usage.location.path in code.changed and code.is_new(usage.location.path, usage.location.lines)
            for usage in self.usages
        )

    @property
    def queries(self) -> Iterator[str]:
        return (usage.name for usage in self.usages if usage.what is What.QUERY)

    def allow_comments(self, paths: Iterable[str]) -> tuple[AllowComment, ...]:
        """Those in these files."""
        from pgassay.application.allow import allow_comments

        return tuple(comment for path in sorted(set(paths)) for comment in allow_comments(path, self._text(path)))

    def sources(self, findings: Iterable[Finding]) -> dict[str, str]:
        """The text of each file of code that a finding points into, without what looks like a secret."""
        if self.code is None:
            return {}
        paths = {finding.location.path for finding in findings}.intersection(self.code.paths)
        return {path: text for path in sorted(paths) if (text := self._text(path))}

    def _text(self, path: str) -> str:
        from pgassay.application.secrets import masked

        if self.code is None or path not in self.code.paths:
            return ""
        try:
            return masked(self.code.read(path).decode(errors="replace"))
        except OSError:
            return ""
