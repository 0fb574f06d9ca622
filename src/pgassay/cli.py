"""The command line. Results go to standard output, everything else to standard error."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pgassay import __version__, terminal
from pgassay.errors import PgassayError, UsageError

if TYPE_CHECKING:
    from pgassay.model import Report, Rule
    from pgassay.project import Request


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__)
def cli() -> None:
    """Reviews Postgres and Supabase migrations by running them on a throwaway server."""


def _review_options(command: click.Command) -> click.Command:
    for option in (
        click.argument("path", type=click.Path(path_type=Path), default="."),
        click.option("--base", metavar="REF", help="What is merged [default: merge base with the default branch]."),
        click.option("--all", "everything", is_flag=True, help="Review every migration, not only the new ones."),
        click.option("--settings", type=click.Path(path_type=Path), help="Read this pgassay.toml as it stands."),
        click.option("--format", "format_", default="text", show_default=True, help="text, json or markdown."),
        click.option("--output", type=click.Path(path_type=Path), help="Write the report to this file."),
    ):
        command = option(command)
    return command


@cli.command()
@_review_options  # type: ignore[arg-type]
@click.option("--without", multiple=True, type=click.Choice(["proofs"]), help="Leave out what is tried out with rows.")
def check(
    path: Path,
    base: str | None,
    everything: bool,
    settings: Path | None,
    format_: str,
    output: Path | None,
    without: tuple[str, ...],
) -> None:
    """Lint the new migrations of PATH, run them on a throwaway PostgreSQL and report what happened."""
    from pgassay import pipeline
    from pgassay.render import FORMATS

    _known_format(format_, FORMATS)
    with terminal.progress() as progress:
        request = _request(path, base, everything, settings, proofs="proofs" not in without)
        report = pipeline.check(request, progress)
    _finish(report, format_, output)


@cli.command()
@_review_options  # type: ignore[arg-type]
def lint(
    path: Path, base: str | None, everything: bool, settings: Path | None, format_: str, output: Path | None
) -> None:
    """Only what needs no server: names, order, text."""
    from pgassay import pipeline
    from pgassay.render import FORMATS

    _known_format(format_, FORMATS)
    _finish(pipeline.lint(_request(path, base, everything, settings)), format_, output)


@cli.command()
def action() -> None:
    """What the GitHub Action runs: review what a workflow checked out, and say it on the pull request."""
    import os

    from pgassay.action.run import act

    sys.exit(act(os.environ, _line))


@cli.command()
@click.option("--from", "file", type=click.Path(path_type=Path), required=True, help="The report of the other run.")
def post(file: Path) -> None:
    """Post the report of a run that may not write, from a workflow on workflow_run."""
    import os

    from pgassay.action.run import act

    os.environ["INPUT_REPORT"] = str(file.absolute())
    sys.exit(act(os.environ, _line))


def _line(text: str) -> None:
    terminal.say(text + "\n")
    sys.stdout.flush()


@cli.command()
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("--compat", is_flag=True, required=True, help="Give application code the names that it asks for.")
@click.option("--base", metavar="REF", help="What is merged [default: merge base with the default branch].")
@click.option("--all", "everything", is_flag=True, help="For all uses, not only those that the change adds or breaks.")
@click.option("--settings", type=click.Path(path_type=Path), help="Read this pgassay.toml as it stands.")
@click.option("--print", "only_print", is_flag=True, help="Print the migration and write nothing.")
def fix(path: Path, compat: bool, base: str | None, everything: bool, settings: Path | None, only_print: bool) -> None:
    """Write the next migration of PATH, after checking it: what the code asks for and the schema lacks."""
    from pgassay.compat.fix import fix as make

    assert compat
    with terminal.progress() as progress:
        fixed = make(_request(path, base, everything, settings), write=not only_print, progress=progress)
    if fixed.path is None:
        terminal.say("nothing to do: the schema has all that the code asks for\n")
        return
    if only_print:
        terminal.say(fixed.text)
    remarks = [
        f"{one.location.start_line}: {one.severity}[{one.rule}]: {one.message}" for one in fixed.refused + fixed.remarks
    ]
    click.echo("\n".join(remarks), err=True, nl=bool(remarks))
    if fixed.refused:
        click.echo(f"pgassay: {fixed.path} was not written: pgassay check would block it", err=True)
        sys.exit(1)
    if not only_print:
        terminal.say("".join(f"{line}\n" for line in (f"wrote {fixed.path}:", *(f"  {each}" for each in fixed.made))))


def _print_options(command: click.Command) -> click.Command:
    for option in (
        click.argument("path", type=click.Path(path_type=Path), default="."),
        click.option("--settings", type=click.Path(path_type=Path), help="Read this pgassay.toml as it stands."),
        click.option("--output", type=click.Path(path_type=Path), help="Write it to this file."),
    ):
        command = option(command)
    return command


@cli.command()
@_print_options  # type: ignore[arg-type]
@click.option("--format", "format_", default="text", show_default=True, help="text, markdown, json or csv.")
def matrix(path: Path, settings: Path | None, format_: str, output: Path | None) -> None:
    """Print who reaches what in all that the API serves, after every migration of PATH."""
    from pgassay import matrix as matrices
    from pgassay.render import matrix as shown

    _known_format(format_, shown.FORMATS)
    with terminal.progress() as progress:
        found = matrices.matrix(_request(path, None, False, settings), progress)
    terminal.write(shown.render(found, format_), output)


@cli.command()
@_print_options  # type: ignore[arg-type]
@click.option("--format", "format_", default="text", show_default=True, help="text or json.")
def rows(path: Path, settings: Path | None, format_: str, output: Path | None) -> None:
    """Print the rows that are made up for every table, after every migration of PATH, or why there are none."""
    from pgassay import made
    from pgassay.render import made as shown

    _known_format(format_, shown.FORMATS)
    with terminal.progress() as progress:
        found = made.made(_request(path, None, False, settings), progress)
    terminal.write(shown.render(found, format_), output)


@cli.group(invoke_without_command=True)
@click.option("--markdown", is_flag=True, help="As rules/README.md has it.")
@click.pass_context
def rules(context: click.Context, markdown: bool) -> None:
    """List the rules."""
    if context.invoked_subcommand:
        return
    from pgassay.catalogue import index
    from pgassay.catalogue.load import builtin_rules

    found = builtin_rules()
    terminal.say(index.markdown(found) if markdown else index.text(found))


@rules.command("test")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def test_rules(folder: Path) -> None:
    """Run the examples of the rules in FOLDER on a throwaway PostgreSQL."""
    from pgassay.catalogue.load import builtin_rules, load_folder
    from pgassay.rehearsal import rehearse
    from pgassay.stages.server import throwaway_server

    found = load_folder(folder)
    names = {rule.id for rule in found}
    catalogue = (*found, *(rule for rule in builtin_rules() if rule.id not in names))
    failures = 0
    with terminal.progress() as progress, throwaway_server() as bench:
        for rule in found:
            progress(rule.id)
            problems = rehearse(rule, catalogue, bench)
            failures += bool(problems)
            lines = [f"{'failed' if problems else 'ok':<7}{rule.id}", *(f"       {problem}" for problem in problems)]
            terminal.say("\n".join(lines) + "\n")
    terminal.say(f"{len(found)} rules, {failures} failed\n")
    sys.exit(1 if failures else 0)


@rules.command("new")
@click.argument("name", metavar="GROUP/NAME")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--stage", type=click.Choice(["static", "catalog", "trace", "history"]), default="static")
def new_rule(name: str, folder: Path | None, stage: str) -> None:
    """Write page and check of a rule of your own, in FOLDER or where `custom_rules` of the settings says."""
    from pgassay.catalogue import scaffold
    from pgassay.catalogue.load import builtin_rules, load_folder
    from pgassay.model import Stage
    from pgassay.project import own_rules

    folder = folder or own_rules(Path())
    if folder is None:
        raise UsageError("name a folder for the rule, or set `custom_rules` in pgassay.toml.")
    own = load_folder(folder) if any(folder.rglob("*.md")) else ()
    written = scaffold.new_rule(folder, name, Stage(stage), (*builtin_rules(), *own))
    terminal.say("".join(f"{path}\n" for path in written) + f"then: pgassay rules test {written[0].parent}\n")


@cli.command()
@click.argument("rule_id", metavar="RULE")
def explain(rule_id: str) -> None:
    """Print the page of a rule, yours or ours."""
    from pgassay.catalogue.load import builtin_rules, load_folder
    from pgassay.project import own_rules

    found = builtin_rules()
    if all(rule.id != rule_id for rule in found) and (folder := own_rules(Path())):
        found = (*found, *load_folder(folder))
    rule = _rule(rule_id, found)
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(rule.page.split("\n---\n", 1)[1]))
    else:
        terminal.say(rule.page)


def _rule(name: str, rules: tuple[Rule, ...]) -> Rule:
    import difflib

    for rule in rules:
        if rule.id == name:
            return rule
    near = difflib.get_close_matches(name, [rule.id for rule in rules], n=1)
    raise UsageError(f"no rule is called {name}" + (f", did you mean {near[0]}?" if near else "; see `pgassay rules`."))


def _request(path: Path, base: str | None, everything: bool, settings: Path | None, *, proofs: bool = True) -> Request:
    from pgassay.project import Request

    if base and everything:
        raise UsageError("--base and --all do not go together; --all compares with nothing.")
    return Request(path, base, everything, settings, proofs=proofs)


def _known_format(name: str, known: Iterable[str]) -> None:
    if name not in known:
        raise UsageError(f"--format {name}: unknown; there are {', '.join(known)}.")


def _finish(report: Report, format_: str, output: Path | None) -> None:
    from pgassay.render import render

    terminal.write(render(report, format_, colour=not output and terminal.is_coloured(sys.stdout)), output)
    sys.exit(report.exit_code)


def main() -> None:
    """Exit codes: 0 pass, 1 blocked, 2 the user's input, 3 could not check, 130 interrupted, 141 nobody reads on."""
    for stream in (sys.stdout, sys.stderr):
        # A letter that a terminal does not know is no reason to end.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        click.echo("interrupted", err=True)
        sys.exit(130)
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        sys.exit(130)
    except PgassayError as error:
        click.echo(f"pgassay: {error}", err=True)
        sys.exit(error.exit_code)
    except Exception as error:
        terminal.report_bug(error)
        sys.exit(3)
