"""What a comment on a line says, and what it says when the finding is gone.

The words are in `templates/`; here is what they are made of. Everything that came from SQL passes `render.escape`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from pgassay.github import markers
from pgassay.github.markers import FindingMarker, ReviewMarker
from pgassay.model import Edit, Finding, Location, Severity
from pgassay.render.escape import LONGEST_CODE, Markdown, code, link, prose
from pgassay.render.markdown_template import markdown_template
from pgassay.render.snippet import about_the_file
from pgassay.render.spans import spans
from pgassay.render.visible import ACTING, visible
from pgassay.render.words import counted, short_ref

LONGEST_BLOCK = 4_000
MOST_RELATED = 5
_PACKAGE = "pgassay.github"
_FIRST_SENTENCE = re.compile(r"(?:[^`]|`[^`]*`)+?[.](?= +[A-Z`])")
_TICKS = re.compile("`+")
_SUGGESTION = re.compile(r"^(`{3,})suggestion\n(.*?)\n\1$", re.MULTILINE | re.DOTALL)
_HEADLINE = re.compile(r"\*\*(.+)\*\*\r?$")


class Comment(Struct, frozen=True):
    """A body with its marker. `text` is the digest in it, which a suggestion has no part in."""

    body: str
    text: str


class _Words(Struct, frozen=True):
    headline: Markdown
    more: Markdown
    label: Markdown
    seen: Markdown
    instead: Markdown
    block: Markdown
    reproduction: Markdown
    related: tuple[Markdown, ...]
    rule: Markdown
    severity: Markdown
    page: Markdown


def inline(finding: Finding, id: str, suggestion: Edit | None = None) -> Comment:
    """The comment on the finding's line; `suggestion` must replace exactly the commented lines."""
    text = markers.digest(finding_text(finding))
    fingerprint, rule = markers.usable_fingerprint(finding.fingerprint), markers.usable_rule(finding.rule)
    marker = FindingMarker(id, fingerprint, rule, markers.OPEN, text)
    return Comment(f"{markers.written(marker)}\n{finding_text(finding, suggestion)}", text)


def finding_text(finding: Finding, suggestion: Edit | None = None) -> str:
    """All that is known about a finding, as Markdown without a marker."""
    return markdown_template("finding.md.j2", _PACKAGE).render(finding=_words(finding, suggestion))


def fixed(body: str, marker: FindingMarker, commit: str | None, *, may_be_allowed: bool) -> str:
    """What becomes of a comment of ours when its finding is gone. `body` is what it says now.

    `commit` is None where the same commit had the finding before: then no push has mended it.
    """
    outcome = f"{'Fixed or allowed' if may_be_allowed else 'Fixed'} in {short_ref(commit)}" if commit else ""
    return _closed(body, marker, markers.FIXED, Markdown(outcome or "No longer reported"))


def moved(body: str, marker: FindingMarker, to: Location) -> str:
    """What becomes of a comment of ours that no longer stands where its finding is."""
    return _closed(body, marker, markers.MOVED, Markdown(f"Moved to {place(to)}"))


def _closed(body: str, marker: FindingMarker, state: str, outcome: Markdown) -> str:
    headline = _HEADLINE.match(body.partition("\n")[2].partition("\n")[0])
    text = markdown_template("closed.md.j2", _PACKAGE).render(
        headline=Markdown(headline[1]) if headline else None, outcome=outcome
    )
    gone = FindingMarker(marker.id, marker.fingerprint, marker.rule, state, markers.digest(text))
    return f"{markers.written(gone)}\n{text}"


def suggestion_in(body: str) -> str | None:
    """The block with the button, if there is one. A browser sends other line ends than we do."""
    found = _SUGGESTION.search(body.replace("\r\n", "\n"))
    return found[2] if found else None


def review(findings: Sequence[Finding], others: int, id: str, head: str) -> str:
    """The words above the comments of a review; `others` are findings without one."""
    numbers = [
        counted(number, severity.value)
        for severity in Severity
        if (number := sum(finding.severity is severity for finding in findings))
    ]
    text = markdown_template("review.md.j2", _PACKAGE).render(severities=numbers, others=others)
    return f"{markers.written(ReviewMarker(id, head))}\n{text}"


def can_be_suggested(edit: Edit) -> bool:
    """GitHub takes an empty block for a deletion, and characters that hide have no place in a button to press."""
    shown = edit.replacement.replace("\n", "").replace("\t", "")
    return bool(edit.replacement) and len(edit.replacement) <= LONGEST_BLOCK and not ACTING.search(shown)


def place(location: Location) -> Markdown:
    line = "" if about_the_file(location) else f":{location.start_line}"
    return code(location.path[-(LONGEST_CODE - len(line)) :] + line)


def _words(finding: Finding, suggestion: Edit | None) -> _Words:
    headline, more = _parted(finding.message or finding.rule)
    is_code = _is_code(finding.instead)
    if suggestion:
        block = _fenced(suggestion.replacement, "suggestion")
    elif finding.instead and is_code:
        block = _fenced("".join(span.text for span in spans(finding.instead)), "sql")
    elif finding.edit and not finding.instead:
        block = _fenced(finding.edit.replacement, "sql")
    else:
        block = Markdown("")
    allow = code(f"-- pgassay: allow {finding.rule} because ...")
    about = link(Markdown("why, and how to allow it"), finding.url)
    return _Words(
        headline=prose(headline) or code(finding.rule),
        more=prose(more),
        label=_sentence(_chain(finding.label or "")),
        seen=_sentence(finding.seen or ""),
        instead=Markdown("") if is_code else _sentence(finding.instead or ""),
        block=block,
        reproduction=_fenced(finding.reproduction, "sql") if finding.reproduction else Markdown(""),
        related=_related(finding.related),
        rule=code(finding.rule),
        severity=prose(finding.severity.value),
        page=about if about.startswith("[") else Markdown(f"to allow it: {allow}"),
    )


def _parted(message: str) -> tuple[str, str]:
    """The first sentence and the others."""
    first = _FIRST_SENTENCE.match(message)
    return (first[0], message[first.end() :].strip()) if first else (message, "")


def _chain(label: str) -> str:
    """users -> clients -> sessions, with the names as code."""
    names = label.split(" -> ")
    return label if len(names) == 1 or "`" in label else " → ".join(f"`{name}`" for name in names)


def _sentence(text: str) -> Markdown:
    made = prose(text)
    return Markdown(f"{made}.") if made and made[-1] not in ".:;!?…" else made


def _is_code(text: str | None) -> bool:
    """One code span and nothing else: something to type."""
    pieces = list(spans(text or ""))
    return len(pieces) == 1 and pieces[0].code


def _related(locations: Sequence[Location]) -> tuple[Markdown, ...]:
    more = len(locations) - MOST_RELATED
    named = [place(location) for location in locations[:MOST_RELATED]]
    return (*named, Markdown(counted(more, "more place"))) if more > 0 else tuple(named)


def _fenced(text: str, language: str) -> Markdown:
    lines = text if language == "suggestion" else _cut("\n".join(map(_shown, text.strip("\n").split("\n"))))
    fence = "`" * max(3, 1 + max((len(run) for run in _TICKS.findall(lines)), default=0))
    return Markdown(f"{fence}{language}\n{lines}\n{fence}")


def _shown(line: str) -> str:
    return visible(line.removesuffix("\r").expandtabs(4)).rstrip()


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_BLOCK else text[: LONGEST_BLOCK - 1] + "…"
