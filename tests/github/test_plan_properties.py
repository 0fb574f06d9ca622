"""What holds for any findings on any change: real diffs, and lines checked by the rules of tests/fake_github."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pgassay.github import markers
from pgassay.github.comments import suggestion_in
from pgassay.github.model import (
    ChangedFiles,
    CreateReview,
    CreateSummary,
    EditReviewComment,
    EditSummary,
    ExistingComment,
    Options,
    Plan,
)
from pgassay.github.plan import MOST_EDITS, plan
from pgassay.model import Counts, Edit, Evidence, Finding, Location, Report, Severity, Verdict
from tests.fake_github.lines import commentable
from tests.fake_github.repository import Repository
from tests.render.hostile import nasty, sentences
from tests.render.reports import report

from .changes import AUTHOR, HEAD, NEWER, PULL_REQUEST, applied, changed_files, fingerprints

slowly = settings(deadline=None, derandomize=True, max_examples=40)

MERGED = {
    "edited.sql": "".join(f"old {number};\n" for number in range(1, 61)),
    "gone.sql": "a;\nb;\n",
    "from.sql": "".join(f"kept {number};\n" for number in range(1, 21)),
}
HEADS: dict[str, str | None] = {
    "edited.sql": "".join(
        f"{'new' if number in (3, 4, 30, 60) else 'old'} {number};\n" for number in range(1, 61) if number != 45
    ),
    "gone.sql": None,
    "from.sql": None,
    "moved.sql": "".join(f"kept {number};\n" for number in range(1, 21)),
    "new.sql": "".join(f"create {number};\n" for number in range(1, 31)),
    "unended.sql": "a;\r\nb;\r\nc;",
}
PATHS = [*MERGED, "moved.sql", "new.sql", "unended.sql", "untouched.sql", "new\n.sql"]
# The base branch added two lines, so that is what the merge of both holds.
MERGE = {path: text for path, text in {**MERGED, **HEADS}.items() if text} | {
    "edited.sql": f"-- from the base\n-- branch\n{HEADS['edited.sql']}"
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> ChangedFiles:
    repository = Repository.create(tmp_path_factory.mktemp("plan") / "repository", MERGED, HEADS)
    return changed_files(repository, "main", "change")


@st.composite
def locations(draw: st.DrawFn) -> Location:
    path = draw(st.sampled_from(PATHS))
    start = draw(st.sampled_from([1, 2, 3, 4, 5, 28, 30, 31, 44, 57, 60, 64]))
    end = start + draw(st.sampled_from([0, 0, 0, 1, 2, 7, 12]))
    return Location(path, start, end, *draw(st.sampled_from([(None, None), (1, 9)])))


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    location = draw(locations())
    start = max(1, location.start_line - draw(st.sampled_from([0, 0, 1])))
    current = "\n".join((HEADS.get(location.path) or "").split("\n")[start - 1 : location.end_line])
    replacement = draw(st.just(current) | st.just("select 1;") | nasty)
    edit = Edit(Location(location.path, start, location.end_line), replacement, draw(st.booleans()))
    return Finding(
        rule=draw(st.sampled_from(["missing_rls", "drop_cascade"])),
        group="access",
        severity=draw(st.sampled_from(Severity)),
        evidence=draw(st.sampled_from(Evidence)),
        location=location,
        message=draw(sentences),
        subject="x",
        fingerprint=draw(st.sampled_from([f"{number:016x}" for number in range(40)])),
        instead=draw(st.none() | sentences),
        edit=draw(st.none() | st.just(edit)),
    )


@st.composite
def reports(draw: st.DrawFn) -> Report:
    sources: Mapping[str, str] = draw(
        st.sampled_from([{}, {path: text for path, text in HEADS.items() if text}, MERGE])
    )
    size = draw(st.sampled_from([0, 3, 20]))
    found = draw(st.lists(findings(), min_size=size, max_size=40, unique_by=lambda finding: finding.fingerprint))
    verdict = Verdict.BLOCK if found else Verdict.PASS
    migrations = draw(
        st.sampled_from([Counts(proposed=2, applied=2), Counts(proposed=2, applied=1, failed=1), Counts()])
    )
    return report(verdict=verdict, findings=tuple(found), sources=sources, migrations=migrations)


@st.composite
def options(draw: st.DrawFn) -> Options:
    least = draw(st.sampled_from([*Severity, None]))
    return Options(
        HEAD, AUTHOR, inline=least, suggestions=draw(st.booleans()), most_inline=draw(st.sampled_from([3, 30]))
    )


def planned(given: Report, files: ChangedFiles, existing: tuple[ExistingComment, ...], how: Options) -> Plan:
    return plan(given, replace(PULL_REQUEST, head_sha=how.head_sha), files, existing, how)


@slowly
@given(reports(), options())
def test_no_comment_is_ever_outside_the_diff(files: ChangedFiles, given: Report, how: Options) -> None:
    texts = {path: text.split("\n") for path, text in {**MERGED, **HEADS}.items() if text}
    for write in planned(given, files, (), how).writes:
        for comment in write.comments if isinstance(write, CreateReview) else ():
            (file,) = (file for file in files.files if file.path == comment.path)
            shown = {(line.side, line.number): line for line in commentable(file.patch)}
            last = shown[comment.side.value, comment.line]
            first = shown[comment.side.value, comment.start_line or comment.line]
            assert first.hunk == last.hunk
            assert comment.start_line is None or comment.start_line < comment.line
            if "```suggestion" in comment.body:
                assert file.status == "added"
                current = texts[comment.path][first.number - 1 : last.number]
                (said,) = (each for each in given.findings if each.fingerprint == comment.fingerprint)
                assert said.edit
                assert said.edit.safe
                assert said.edit.replacement != "\n".join(current)
                assert said.edit.location.lines == range(first.number, last.number + 1)


@slowly
@given(reports(), options())
def test_lines_are_those_of_the_head(files: ChangedFiles, given: Report, how: Options) -> None:
    """Where the report knows what a line says, the comment stands on a line that says the same."""
    for write in planned(given, files, (), how).writes:
        for comment in write.comments if isinstance(write, CreateReview) else ():
            source, head = given.sources.get(comment.path), HEADS.get(comment.path)
            (said,) = (each for each in given.findings if each.fingerprint == comment.fingerprint)
            if source and head:
                lines = head.split("\n")[(comment.start_line or comment.line) - 1 : comment.line]
                assert set(lines) <= set(source.split("\n")[: said.location.end_line])


@slowly
@given(reports(), reports(), options())
def test_planning_again_plans_nothing(files: ChangedFiles, first: Report, second: Report, how: Options) -> None:
    existing: tuple[ExistingComment, ...] = ()
    for each, head in ((first, HEAD), (second, NEWER), (first, NEWER)):
        now = replace(how, head_sha=head)
        found = planned(each, files, existing, now)
        existing = applied(found.writes, existing)
        assert planned(each, files, existing, now).writes == ()
        assert max(Counter(fingerprints(existing)).values(), default=0) <= 1
        assert sum(comment.kind == "issue" for comment in existing) <= 1


@slowly
@given(reports(), reports(), options(), st.data())
def test_wherever_github_moves_comments_each_finding_has_one_where_it_is(
    files: ChangedFiles, first: Report, second: Report, how: Options, data: st.DataObject
) -> None:
    existing = applied(planned(first, files, (), how).writes)
    lines = st.none() | st.integers(1, 30)
    moved = tuple(
        replace(each, path=data.draw(st.sampled_from(PATHS)), line=data.draw(lines), start_line=None)
        if each.kind == "review" and data.draw(st.booleans())
        else each
        for each in existing
    )
    now = replace(how, head_sha=NEWER)
    for each in (first, second):
        after = applied(planned(each, files, moved, now).writes, moved)
        assert planned(each, files, after, now).writes == ()
        said = Counter(fingerprints(after))
        assert max(said.values(), default=0) <= 1
        present = {finding.fingerprint: finding for finding in each.findings}
        for comment in after:
            marker = markers.read(comment.body)
            if isinstance(marker, markers.FindingMarker) and marker.state == markers.OPEN:
                finding = present.get(marker.fingerprint)
                assert finding is None or (comment.path == finding.location.path and comment.line)
                assert finding is None or suggestion_in(comment.body) is None or finding.edit
            else:
                assert suggestion_in(comment.body) is None


@slowly
@given(reports(), options())
def test_a_push_without_news_writes_at_most_the_summary(files: ChangedFiles, given: Report, how: Options) -> None:
    found = planned(given, files, (), how)
    assert len(found.writes) <= 2
    again = planned(given, files, applied(found.writes), replace(how, head_sha=NEWER))
    assert {type(write) for write in again.writes} <= {EditSummary}
    assert len(again.writes) <= 1


@slowly
@given(reports(), options(), st.randoms())
def test_the_order_of_findings_does_not_matter(
    files: ChangedFiles, given: Report, how: Options, randomness: object
) -> None:
    shuffled = list(given.findings)
    randomness.shuffle(shuffled)  # type: ignore[attr-defined]
    other = planned(replace(given, findings=tuple(shuffled)), files, (), how)
    assert other == planned(given, files, (), how)


@slowly
@given(reports(), reports(), options(), st.data())
def test_nothing_of_others_is_touched(
    files: ChangedFiles, first: Report, second: Report, how: Options, data: st.DataObject
) -> None:
    """Comments of others repeat ours to the letter; ours are told by their author."""
    authors = data.draw(st.lists(st.sampled_from([AUTHOR, "octocat", "github-actions"]), min_size=50, max_size=50))
    made = applied(planned(first, files, (), how).writes)
    existing = tuple(replace(comment, author=author) for comment, author in zip(made, authors, strict=False))
    ours = {comment.id for comment in existing if comment.author == AUTHOR}
    found = planned(second, files, existing, how)
    touched = {write.id for write in found.writes if isinstance(write, EditReviewComment | EditSummary)}
    assert touched <= ours
    assert sum(isinstance(write, EditReviewComment) for write in found.writes) <= MOST_EDITS
    alone = tuple(comment for comment in existing if comment.author == AUTHOR)
    assert found == planned(second, files, alone, how)


@slowly
@given(reports(), options())
def test_bodies_are_short_enough_and_ours(files: ChangedFiles, given: Report, how: Options) -> None:
    for write in planned(given, files, (), how).writes:
        assert isinstance(write, CreateReview | CreateSummary)
        comments = write.comments if isinstance(write, CreateReview) else ()
        for body in (write.body, *(comment.body for comment in comments)):
            assert len(body) <= 60_000
            assert markers.read(body)
