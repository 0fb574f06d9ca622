"""What a runner gives to a step, and the files through which a step answers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from pgassay.errors import UsageError


class Runner(Struct, frozen=True):
    """Names and addresses as GitHub documents them under "Variables"; the files are None outside a workflow."""

    workspace: Path
    event_path: Path
    output: Path | None
    summary: Path | None
    repository: str
    api_url: str
    server_url: str

    def payload(self) -> bytes:
        """The event. Raises UsageError."""
        try:
            return self.event_path.read_bytes()
        except OSError as error:
            raise UsageError(
                f"GITHUB_EVENT_PATH: {self.event_path}: {error.strerror}; run this inside a GitHub workflow."
            ) from None

    def set_outputs(self, lines: str) -> None:
        _append(self.output, lines)

    def add_to_summary(self, markdown: str) -> None:
        _append(self.summary, markdown)

    def write_report(self, name: str, text: str) -> str:
        """Beside what is checked out, so that steps outside a container find it there too; its name.

        Never through a link that a pull request may have put in its place. Raises OSError.
        """
        handle, scratch = tempfile.mkstemp(prefix=".pgassay-", dir=self.workspace)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
            # Later steps run as the user who owns the workspace, and we are root.
            owner = self.workspace.stat()
            os.chmod(scratch, 0o644)  # noqa: PTH101
            with suppress(PermissionError):
                os.chown(scratch, owner.st_uid, owner.st_gid)
            os.replace(scratch, self.workspace / name)  # noqa: PTH105
        except BaseException:
            Path(scratch).unlink(missing_ok=True)
            raise
        return name


def runner_of(environment: Mapping[str, str]) -> Runner:
    """Raises UsageError outside a workflow."""

    def needed(name: str) -> str:
        if value := environment.get(name, ""):
            return value
        raise UsageError(f"{name} is not set; run this inside a GitHub workflow.")

    def file(name: str) -> Path | None:
        value = environment.get(name, "")
        return Path(value) if value else None

    return Runner(
        workspace=Path(needed("GITHUB_WORKSPACE")),
        event_path=Path(needed("GITHUB_EVENT_PATH")),
        output=file("GITHUB_OUTPUT"),
        summary=file("GITHUB_STEP_SUMMARY"),
        repository=needed("GITHUB_REPOSITORY"),
        api_url=environment.get("GITHUB_API_URL") or "https://api.github.com",
        server_url=environment.get("GITHUB_SERVER_URL") or "https://github.com",
    )


def _append(path: Path | None, text: str) -> None:
    if path and text:
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
