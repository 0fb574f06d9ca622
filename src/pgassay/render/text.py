"""The report on a terminal and in a log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pgassay.model import Finding, Location, Report, Severity, Unchecked
from pgassay.render.access import differences
from pgassay.render.paint import Line, Style, painted, plain
from pgassay.render.snippet import Gutter, about_the_file, snippet
from pgassay.render.spans import joined_lines, spans
from pgassay.render.visible import visible
from pgassay.render.words import counted, duration, severities, short_ref, verdict

_STYLES = {Severity.ERROR: Style.ERROR, Severity.WARNING: Style.WARNING, Severity.NOTE: Style.NOTE}
_MOST_RELATED = 5
_LONGEST_LIST = 100
_MOST_DIFFERENCES = 8
_WIDEST = 60
# A line that begins with `::`, and `##[` anywhere, are commands to a GitHub Actions runner.
_COMMAND = re.compile(r"^([^\S\n]*):(?=:)|##(?=\[)", re.MULTILINE)


def render(report: Report, colour: bool = False) -> str:
    text = "\n".join(painted(line, colour) for line in _lines(report))
    return _COMMAND.sub(lambda match: "#\\x23" if match[0] == "##" else f"{match[1]}\\x3a", text) + "\n"


def _lines(report: Report) -> Iterator[Line]:
    sources = {path: [line.removesuffix("\r") for line in text.split("\n")] for path, text in report.sources.items()}
    digits = max((len(str(finding.location.end_line)) for finding in report.findings), default=0)
    gutter = Gutter(max(2, digits))
    explained: set[str] = set()
    for finding in report.findings:
        yield from _finding(finding, sources, gutter, finding.rule not in explained)
        yield plain("")
        explained.add(finding.rule)
    for entry in report.unchecked:
        yield from _unchecked(entry)
    if report.unchecked:
        yield plain("")
    yield from _access(report)
    yield from _closing(report)


def _finding(finding: Finding, sources: Mapping[str, Sequence[str]], gutter: Gutter, explain: bool) -> Iterator[Line]:
    style = _STYLES[finding.severity]
    rule = visible(finding.rule)
    label = one_line(finding.label) if finding.label else None
    yield (f"{finding.severity.value}[{rule}]", style), (f": {one_line(finding.message)}", Style.STRONG)
    yield (" " * gutter.width + "--> ", Style.GUTTER), (place(finding.location), Style.PLAIN)

    excerpt = snippet(sources.get(finding.location.path, ()), finding.location, label, gutter, style)
    yield from excerpt
    if label and not excerpt:
        yield (" " * (gutter.width + 1) + "= ", Style.GUTTER), (label, style)
    if finding.seen:
        yield from _remark("seen", finding.seen, gutter)
    if finding.instead:
        yield from _remark("instead", finding.instead, gutter)
    if finding.reproduction:
        yield from _remark("in psql", finding.reproduction, gutter)
    for location in finding.related[:_MOST_RELATED]:
        yield from _remark("also", place(location), gutter)
    if len(finding.related) > _MOST_RELATED:
        yield from _remark("also", f"{counted(len(finding.related) - _MOST_RELATED, 'more place')}", gutter)
    if explain:
        # What is said of a file as a whole may be about one that is not run, where no comment is read.
        mark = {"application": "#" if finding.location.path.endswith(".py") else "//"}.get(finding.group, "--")
        mark = "--" if finding.location.path.endswith(".sql") else mark
        comment = f"{mark} pgassay: allow {rule} because ..."
        entry = f'[[allow]] in pgassay.toml, object = "{visible(finding.subject)}"'
        advice = f"{entry if finding.group == 'history' else comment}   page: pgassay explain {rule}"
        yield from _remark("allow", advice, gutter)


def _remark(title: str, words: str, gutter: Gutter) -> Iterator[Line]:
    """Later lines stand under the first one's words."""
    head = " " * (gutter.width + 1) + "= "
    title = f"{title}: "
    first, *rest = several_lines(words) or [""]
    yield (head, Style.GUTTER), (title, Style.STRONG), (first, Style.PLAIN)
    for line in rest:
        yield plain(" " * len(head + title) + line)


def _unchecked(entry: Unchecked) -> Iterator[Line]:
    if entry.essential:
        yield ("could not check", Style.ERROR), (f": {one_line(entry.what)}", Style.STRONG)
    else:
        yield ("note", Style.NOTE), (f": {one_line(entry.what)}", Style.STRONG)
    why = one_line(entry.why)
    yield plain(f"  {why}" if why.startswith("first cause: ") else f"  why: {why}")
    if entry.next_step:
        first, *rest = several_lines(entry.next_step) or [""]
        yield plain(f"  next step: {first}")
        yield from (plain(f"             {line}") for line in rest)


def _access(report: Report) -> Iterator[Line]:
    """Who can do what now: the differences, in columns."""
    found = differences(report.access)
    if not found:
        return
    yield ("who can do what", Style.STRONG), (f": {counted(len(found), 'difference')}", Style.PLAIN)
    rows = [
        [visible(text) for text in (each.name, each.who, ", ".join(each.actions), f"{each.before} -> {each.after}")]
        for each in found[:_MOST_DIFFERENCES]
    ]
    widths = [min(max(map(len, column)), _WIDEST) for column in zip(*rows, strict=True)]
    for row in rows:
        yield plain("  " + "  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip())
    if len(found) > _MOST_DIFFERENCES:
        yield plain(
            f"  and {len(found) - _MOST_DIFFERENCES} more: --format markdown lists them, pgassay matrix the whole"
        )
    yield plain("")


def _closing(report: Report) -> Iterator[Line]:
    yield plain(_migrations(report))
    if report.migrations.proposed or report.findings or report.allowed or report.unchecked:
        yield plain(_counts(report))
    words = verdict(report)
    styles = {"passed": Style.GOOD, "passed with comments": Style.WARNING}
    yield ((words, styles.get(words, Style.ERROR)),)


def _migrations(report: Report) -> str:
    counts = report.migrations
    if not counts.proposed:
        # Only the action says which commit it is about, and it has no such option.
        hint = "" if report.commit else "; --all reviews every file"
        if report.base_ref:
            return f"no new migrations since {visible(short_ref(report.base_ref))}" + hint
        return f"no new migrations{hint}" if counts.base else "no migrations found"
    sentence = f"{counted(counts.proposed, 'migration')} proposed"
    if counts.base:
        sentence += f" on top of {counts.base} merged"
    if counts.base_failed:
        sentence += f" ({counts.base_failed} did not apply)"
    time = duration(report.seconds.get("total", 0.0))
    if report.server is None:
        return f"{sentence}, read without a server in {time}" if report.stage == "lint" else f"{sentence}, none applied"
    server = f"PostgreSQL {visible(report.server.version)}"
    if report.server.environment != "postgres":
        server += f" ({visible(report.server.environment)})"
    if counts.applied == counts.proposed:
        return f"{sentence}, applied to {server} in {time}"
    return f"{sentence}, tried on {server} in {time}: {counts.applied} of {counts.proposed} applied"


def _counts(report: Report) -> str:
    found = severities(report)
    if not found and not report.incomplete:
        found.append("no findings")
    if report.allowed:
        found.append(f"{len(report.allowed)} allowed")
    if report.stage == "check" and report.migrations.proposed and not report.findings and not report.unchecked:
        found.append("nothing left unchecked")
    sentences = [", ".join(found)] if found else []
    if report.unchecked:
        things = "; ".join(one_line(entry.what) for entry in report.unchecked)
        if len(things) > _LONGEST_LIST:
            things = f"{counted(len(report.unchecked), 'thing')}, listed above"
        sentences.append(f"Not checked: {things}")
    return ". ".join(sentences)


def place(location: Location) -> str:
    """path:line:column, as editors and terminals make it a link; the path alone where it is about the file."""
    path = visible(location.path)
    if about_the_file(location):
        return path
    column = f":{location.start_column}" if location.start_column is not None else ""
    return f"{path}:{location.start_line}{column}"


def one_line(sentence: str) -> str:
    """Without the backticks of code spans; a line break inside a span is part of a name and shown as \\n."""
    return "".join(visible(span.text if span.code else joined_lines(span.text)) for span in spans(sentence)).strip()


def several_lines(words: str) -> list[str]:
    text = "".join(span.text for span in spans(words)).strip("\n")
    return [visible(line.removesuffix("\r").expandtabs(4)).rstrip() for line in text.split("\n")]
