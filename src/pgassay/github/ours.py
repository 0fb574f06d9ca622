"""Which comments on a pull request are ours, and which of them belongs to which finding. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from pgassay.github import markers
from pgassay.github.markers import FindingMarker, SummaryMarker
from pgassay.github.model import ExistingComment, Options
from pgassay.github.placement import Stand
from pgassay.model import Finding

OurComment = tuple[ExistingComment, FindingMarker]


class Ours(Struct, frozen=True):
    """Comments that we wrote, with what their markers say; everybody else's are left out here, and so never touched."""

    findings: tuple[OurComment, ...]
    summary: tuple[ExistingComment, SummaryMarker] | None

    @classmethod
    def among(cls, existing: Iterable[ExistingComment], options: Options) -> Ours:
        findings: list[OurComment] = []
        summaries: list[tuple[ExistingComment, SummaryMarker]] = []
        for comment in sorted(existing, key=lambda comment: comment.id):
            marker = _marker(comment, options.id) if comment.author == options.author else None
            if isinstance(marker, FindingMarker):
                findings.append((comment, marker))
            elif isinstance(marker, SummaryMarker):
                summaries.append((comment, marker))
        return cls(tuple(findings), summaries[0] if summaries else None)


def other_authors(existing: Iterable[ExistingComment], options: Options) -> tuple[ExistingComment, ...]:
    """Comments that look like ours under another name, where there is none under the name that we were given."""
    found = [comment for comment in existing if _marker(comment, options.id)]
    return () if any(comment.author == options.author for comment in found) else tuple(found)


def _marker(comment: ExistingComment, id: str) -> FindingMarker | SummaryMarker | None:
    marker = markers.read(comment.body)
    if isinstance(marker, FindingMarker) and comment.kind == "review" and comment.in_reply_to is None:
        return marker if marker.id == id else None
    if isinstance(marker, SummaryMarker) and comment.kind == "issue":
        return marker if marker.id == id else None
    return None


class Threads(Struct, frozen=True):
    """`at_home` is the one comment that stands where its finding is, by the finding's fingerprint.

    `moved` are open comments of findings that are elsewhere by now, or are said by another comment already; `gone` are
    open comments of no finding.
    """

    at_home: Mapping[str, OurComment]
    moved: tuple[tuple[OurComment, Finding], ...]
    gone: tuple[OurComment, ...]


def threads(findings: Sequence[Finding], stands: Mapping[str, Stand], ours: Ours) -> Threads:
    """`stands` are by fingerprint, as are the findings: no two have the same."""
    wanted = {markers.usable_fingerprint(finding.fingerprint): finding for finding in findings}
    by_comment = dict(_matched(wanted, stands, ours.findings))
    at_home: dict[str, OurComment] = {}
    open_first = sorted(ours.findings, key=lambda each: each[1].state != markers.OPEN)
    for each in open_first:
        fingerprint = by_comment.get(each[0].id)
        if fingerprint and fingerprint not in at_home and stands[fingerprint].holds(each[0]):
            at_home[fingerprint] = each
    at_home_ids = {comment.id for comment, _ in at_home.values()}
    still_open = [each for each in ours.findings if each[1].state == markers.OPEN and each[0].id not in at_home_ids]
    moved = [(each, wanted[by_comment[each[0].id]]) for each in still_open if each[0].id in by_comment]
    gone = [each for each in still_open if each[0].id not in by_comment]
    return Threads(at_home, tuple(moved), tuple(gone))


def _matched(
    wanted: Mapping[str, Finding], stands: Mapping[str, Stand], ours: Sequence[OurComment]
) -> Iterator[tuple[int, str]]:
    """Comment and fingerprint: the same one, or else one of the same family, first where the comment stands."""
    same = [
        (comment.id, marker.fingerprint)
        for comment, marker in ours
        if marker.fingerprint in wanted and (marker.state == markers.OPEN or stands[marker.fingerprint].holds(comment))
    ]
    yield from same
    taken = {fingerprint for _, fingerprint in same}
    left = [each for each in ours if each[1].fingerprint not in wanted and each[1].state == markers.OPEN]
    families: dict[str, list[str]] = {}
    for fingerprint in wanted:
        if fingerprint not in taken:
            families.setdefault(markers.family(fingerprint), []).append(fingerprint)
    for must_hold in (True, False):
        for comment, marker in tuple(left):
            candidates = families.get(markers.family(marker.fingerprint), [])
            found = next((each for each in candidates if not must_hold or stands[each].holds(comment)), None)
            if found:
                candidates.remove(found)
                left.remove((comment, marker))
                yield comment.id, found
