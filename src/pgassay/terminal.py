"""What a person at a terminal sees beside the report itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pgassay import __version__
from pgassay.errors import UsageError

if TYPE_CHECKING:
    from pgassay.stages.plan import Progress


def write(text: str, output: Path | None) -> None:
    """To the file, or to standard output without one. Raises UsageError when it cannot be written."""
    if output is None:
        say(text)
        return
    try:
        output.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(f"--output {output}: {error.strerror}; choose a path that can be written.") from None


def say(text: str) -> None:
    """To standard output. A reader that goes away early ends us as it does `cat`."""
    import os

    try:
        click.echo(text, nl=False)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


def is_coloured(stream: object) -> bool:
    import os

    return bool(getattr(stream, "isatty", lambda: False)()) and "NO_COLOR" not in os.environ


@contextmanager
def progress() -> Iterator[Progress]:
    """A line on a terminal's standard error that vanishes; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("reading migrations") as status:
        yield lambda text: status.update(_plain(text))


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def report_bug(error: Exception) -> None:
    import platform
    import traceback

    from pgassay.render.visible import visible

    # On one line, and no command to a GitHub Actions runner: it may quote a migration.
    said = visible(str(error)).replace("##[", "# #[")
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    click.echo(
        f"pgassay: a fault of ours: {type(error).__name__}: {said}\n"
        f"  please report it with this line: pgassay {__version__}, Python {platform.python_version()}, {where}",
        err=True,
    )
