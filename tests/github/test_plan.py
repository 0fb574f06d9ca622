from __future__ import annotations

import re
from typing import Any

import pytest
from msgspec.structs import replace

from pgassay.github.markers import FIXED, MOVED, OPEN, FindingMarker, SummaryMarker, read
from pgassay.github.model import (
    ChangedFile,
    ChangedFiles,
    CreateReview,
    CreateSummary,
    EditReviewComment,
    EditSummary,
    ExistingComment,
    Options,
    Plan,
    PullRequest,
    Side,
    Write,
)
from pgassay.github.plan import MOST_EDITS, plan
from pgassay.model import Allowed, Counts, Edit, Finding, Location, Report, Severity, Unchecked, Verdict
from tests.render.reports import BLOCKED, CASCADE, CLIENTS, CLIENTS_SQL, NO_RLS, NOTHING_PROPOSED, REWRITE, report

from .changes import AUTHOR, HEAD, NEWER, PULL_REQUEST, added, applied, fingerprints

FILES = ChangedFiles((added(CLIENTS, CLIENTS_SQL),))
OPTIONS = Options(HEAD, AUTHOR)
PASSED = report()
Existing = tuple[ExistingComment, ...]


def planned(
    given: Report,
    existing: Existing = (),
    *,
    files: ChangedFiles = FILES,
    head: str = HEAD,
    pull_request: PullRequest = PULL_REQUEST,
    **options: Any,
) -> Plan:
    pull_request = replace(pull_request, head_sha=head)
    return plan(given, pull_request, files, existing, replace(OPTIONS, head_sha=head, **options))


def with_findings(*findings: Finding, **changes: Any) -> Report:
    return report(verdict=Verdict.BLOCK, findings=findings, sources={CLIENTS: CLIENTS_SQL}, **changes)


def kinds(found: Plan) -> list[type[Write]]:
    return [type(write) for write in found.writes]


def review(found: Plan) -> CreateReview:
    (write,) = (write for write in found.writes if isinstance(write, CreateReview))
    return write


def edits(found: Plan) -> list[EditReviewComment]:
    return [write for write in found.writes if isinstance(write, EditReviewComment)]


def summary(found: Plan) -> str:
    (write,) = (write for write in found.writes if isinstance(write, CreateSummary | EditSummary))
    return write.body


def many(number: int, severity: Severity = Severity.WARNING) -> list[Finding]:
    return [
        replace(NO_RLS, fingerprint=f"{n:016x}", severity=severity, message=f"`table_{n}` has none")
        for n in range(number)
    ]


def test_a_first_run_writes_a_review_and_a_summary() -> None:
    found = planned(BLOCKED)
    assert kinds(found) == [CreateReview, CreateSummary]
    made = review(found)
    assert made.commit == HEAD
    assert [(comment.path, comment.start_line, comment.line, comment.side) for comment in made.comments] == [
        (CLIENTS, 2, 9, Side.RIGHT),
        (CLIENTS, None, 4, Side.RIGHT),
        (CLIENTS, None, 11, Side.RIGHT),
    ]
    assert (
        "```suggestion\n  user_id uuid not null references users (id) on delete restrict,\n```" in made.comments[1].body
    )
    assert "commit `4f2a91c`" in summary(found)
    assert "What to do about" not in summary(found)
    assert found.left_out == ()
    assert len(found.annotations) == 3


def test_a_second_run_writes_nothing() -> None:
    on_it = applied(planned(BLOCKED).writes)
    assert planned(BLOCKED, on_it).writes == ()
    assert planned(replace(BLOCKED, seconds={"total": 9.0}), on_it).writes == ()


def test_a_second_push_with_the_same_findings_edits_the_summary_once() -> None:
    on_it = applied(planned(BLOCKED).writes)
    found = planned(BLOCKED, on_it, head=NEWER)
    assert kinds(found) == [EditSummary]
    assert "commit `77d0b6e`" in summary(found)
    assert planned(BLOCKED, applied(found.writes, on_it), head=NEWER).writes == ()


def test_a_finding_that_moved_has_its_comment_already() -> None:
    on_it = applied(planned(with_findings(REWRITE)).writes)
    text = f"-- one line more\n{CLIENTS_SQL}"
    moved = replace(REWRITE, location=replace(REWRITE.location, start_line=12, end_line=12))
    given = replace(with_findings(moved), sources={CLIENTS: text})
    on_it = standing(on_it, line=12)
    found = planned(given, on_it, files=ChangedFiles((added(CLIENTS, text),)), head=NEWER)
    assert kinds(found) == [EditSummary]


def test_a_fixed_finding_is_said_so_once_and_taken_back_when_it_returns() -> None:
    first = applied(planned(with_findings(NO_RLS, REWRITE)).writes)
    found = planned(with_findings(REWRITE), first, head=NEWER)
    assert kinds(found) == [EditSummary, EditReviewComment]
    (edit,) = edits(found)
    assert edit.id == 1
    assert edit.body.endswith(
        "~~anybody with the public key can read and change every row of `clients`~~\n\nFixed in 77d0b6e.\n"
    )
    second = applied(found.writes, first)
    assert planned(with_findings(REWRITE), second, head=NEWER).writes == ()
    later = planned(with_findings(REWRITE), second, head=HEAD)
    assert kinds(later) == [EditSummary]

    back = planned(with_findings(NO_RLS, REWRITE), second, head=NEWER)
    assert kinds(back) == [EditSummary, EditReviewComment]
    assert edits(back)[0].id == 1
    assert "**anybody with the public key" in edits(back)[0].body
    assert planned(with_findings(NO_RLS, REWRITE), applied(back.writes, second), head=NEWER).writes == ()


def test_all_findings_fixed_leaves_a_summary_that_says_passed() -> None:
    first = applied(planned(with_findings(NO_RLS)).writes)
    found = planned(PASSED, first, head=NEWER)
    assert kinds(found) == [EditSummary, EditReviewComment]
    assert "### pgassay: passed\n" in summary(found)


@pytest.mark.parametrize(
    "blind",
    [
        pytest.param({"stage": "lint"}, id="only read"),
        pytest.param({"unchecked": (Unchecked("all", "the server died", essential=True),)}, id="incomplete"),
        pytest.param({"migrations": Counts(base=23, proposed=2, applied=1, failed=1)}, id="stopped by a failure"),
    ],
)
def test_what_was_not_looked_for_is_not_called_fixed(blind: dict[str, Any]) -> None:
    first = applied(planned(with_findings(NO_RLS)).writes)
    assert kinds(planned(report(**blind), first, head=NEWER)) == [EditSummary]


def test_what_somebody_allowed_is_not_called_fixed_alone() -> None:
    first = applied(planned(with_findings(NO_RLS)).writes)
    for path, words in ((CLIENTS, "Fixed or allowed in 77d0b6e."), ("other.sql", "\nFixed in 77d0b6e.")):
        allowed = (Allowed("missing_rls", Location(path, 2, 2), "it is a list of countries"),)
        (edit,) = edits(planned(report(allowed=allowed), first, head=NEWER))
        assert words in edit.body


def test_a_comment_says_what_is_true_now() -> None:
    first = applied(planned(with_findings(CASCADE)).writes)
    worse = replace(CASCADE, message="deleting a row of `users` now deletes rows of 5 tables")
    found = planned(with_findings(worse), first)
    assert kinds(found) == [EditSummary, EditReviewComment]
    assert "of 5 tables" in edits(found)[0].body
    assert "```suggestion" in edits(found)[0].body
    assert planned(with_findings(worse), applied(found.writes, first)).writes == ()


def standing(comments: Existing, path: str = CLIENTS, line: int | None = None, start: int | None = None) -> Existing:
    """As GitHub shows them after a push."""
    return tuple(
        replace(each, path=path, line=line, start_line=start) if each.kind == "review" else each for each in comments
    )


@pytest.mark.parametrize(("line", "path"), [(None, CLIENTS), (7, CLIENTS), (4, "other.sql")])
def test_a_comment_on_a_line_that_is_not_the_findings_is_made_anew(line: int | None, path: str) -> None:
    first = standing(applied(planned(with_findings(CASCADE)).writes), path, line)
    found = planned(with_findings(CASCADE), first, head=NEWER)
    assert kinds(found) == [CreateReview, EditSummary, EditReviewComment]
    assert review(found).comments[0].line == 4
    (edit,) = edits(found)
    assert edit.body.endswith(f"~~\n\nMoved to `{CLIENTS}:4`.\n")
    assert "```suggestion" not in edit.body
    second = applied(found.writes, first)
    assert fingerprints(second) == [review(found).comments[0].fingerprint]
    assert planned(with_findings(CASCADE), second, head=NEWER).writes == ()
    gone = planned(PASSED, second, head=HEAD)
    assert [edit.id for edit in edits(gone)] == [3]


def test_a_finding_that_can_stand_nowhere_any_more_is_in_the_summary() -> None:
    first = applied(planned(with_findings(CASCADE)).writes)
    off = replace(CASCADE, location=Location("other.sql", 12, 12), edit=None)
    found = planned(with_findings(off), first, head=NEWER)
    assert kinds(found) == [EditSummary, EditReviewComment]
    assert "What to do about it" in summary(found)
    assert "Moved to `other.sql:12`." in edits(found)[0].body
    assert planned(with_findings(off), applied(found.writes, first), head=NEWER).writes == ()


def test_a_finding_that_moves_back_has_its_comment_there_back() -> None:
    first = applied(planned(with_findings(CASCADE)).writes)
    away = replace(CASCADE, location=Location(CLIENTS, 11, 11), edit=None)
    second = applied(planned(with_findings(away), first, head=NEWER).writes, first)
    back = planned(with_findings(CASCADE), second, head=HEAD)
    assert kinds(back) == [EditSummary, EditReviewComment, EditReviewComment]
    third = applied(back.writes, second)
    assert [read(each.body).state for each in third if each.kind == "review"] == [OPEN, MOVED]  # type: ignore[union-attr]
    assert planned(with_findings(CASCADE), third, head=HEAD).writes == ()


def test_a_suggestion_that_does_not_fit_the_commented_lines_any_more_is_taken_out() -> None:
    first = standing(applied(planned(with_findings(CASCADE)).writes), line=5, start=4)
    (edit,) = planned(with_findings(CASCADE), first).writes
    assert isinstance(edit, EditReviewComment)
    assert "```suggestion" not in edit.body
    assert planned(with_findings(CASCADE), applied([edit], first)).writes == ()


def test_another_suggestion_takes_the_place_of_the_old_one() -> None:
    assert CASCADE.edit
    first = applied(planned(with_findings(CASCADE)).writes)
    other = replace(CASCADE, edit=replace(CASCADE.edit, replacement="  user_id uuid,"))
    (edit,) = planned(with_findings(other), first).writes
    assert "```suggestion\n  user_id uuid,\n```" in edit.body
    from_a_browser = tuple(replace(each, body=each.body.replace("\n", "\r\n")) for each in first)
    assert planned(with_findings(CASCADE), from_a_browser).writes == ()


def test_of_findings_of_one_family_each_keeps_the_comment_where_it_stands() -> None:
    """When one of two is gone, the other is alone in its family, with another first half."""
    one, two = replace(NO_RLS, fingerprint="a" * 8 + "f" * 8), replace(REWRITE, fingerprint="b" * 8 + "f" * 8)
    first = applied(planned(with_findings(one, two)).writes)
    left = replace(two, fingerprint="c" * 8 + "f" * 8)
    found = planned(with_findings(left), first, head=NEWER)
    assert kinds(found) == [EditSummary, EditReviewComment, EditReviewComment]
    second = applied(found.writes, first)
    states = {each.line: read(each.body).state for each in second if each.kind == "review"}  # type: ignore[union-attr]
    assert states == {9: FIXED, 11: OPEN}
    assert planned(with_findings(left), second, head=NEWER).writes == ()


def test_only_the_worst_get_a_comment() -> None:
    given = with_findings(*many(40), replace(CASCADE, severity=Severity.NOTE), REWRITE)
    errors = many(45)[40:]
    given = replace(given, findings=(*given.findings, *(replace(error, severity=Severity.ERROR) for error in errors)))
    found = planned(given)
    assert len(review(found).comments) == 30
    assert [comment.fingerprint for comment in review(found).comments[:5]] == [error.fingerprint for error in errors]
    assert found.left_out == ("17 findings beyond the 30 comments that one pull request gets",)
    assert "What to do about 17 findings without a comment on the line" in summary(found)
    assert ", 17 more findings in the summary." in review(found).body
    assert planned(given, applied(found.writes)).writes == ()


def test_room_that_a_fix_leaves_is_used() -> None:
    given = with_findings(*many(31))
    first = applied(planned(given).writes)
    found = planned(replace(given, findings=given.findings[1:]), first)
    assert kinds(found) == [CreateReview, EditSummary, EditReviewComment]
    assert len(review(found).comments) == 1


def test_findings_off_the_diff_stand_in_the_summary_with_what_to_do() -> None:
    off = replace(NO_RLS, location=Location("other.sql", 3, 3, 1, 9))
    found = planned(with_findings(off, REWRITE))
    assert [comment.fingerprint for comment in review(found).comments] == [fingerprint_of(found, REWRITE)]
    assert "What to do about 1 finding without a comment on the line" in summary(found)
    assert "alter table clients enable row level security;" in summary(found)
    assert found.left_out == ("1 finding on no line of the diff",)
    assert kinds(planned(with_findings(off))) == [CreateSummary]


def fingerprint_of(found: Plan, finding: Finding) -> str:
    (comment,) = (comment for comment in review(found).comments if f"`{finding.rule}`" in comment.body)
    return comment.fingerprint


@pytest.mark.parametrize(
    ("least", "number"), [(Severity.NOTE, 3), (Severity.WARNING, 3), (Severity.ERROR, 2), (None, 0)]
)
def test_comments_may_be_kept_to_the_summary(least: Severity | None, number: int) -> None:
    found = planned(BLOCKED, inline=least)
    comments = review(found).comments if number else ()
    assert len(comments) == number
    assert kinds(found)[-1] is CreateSummary
    assert bool(found.left_out) == (number < 3)


def test_comments_that_github_refused_are_in_the_summary() -> None:
    first = planned(BLOCKED)
    refused = frozenset(comment.fingerprint for comment in review(first).comments)
    found = planned(BLOCKED, refused=refused)
    assert kinds(found) == [CreateSummary]
    assert found.left_out == ("3 findings on lines that GitHub refused",)
    assert "What to do about them" in summary(found)
    one = frozenset({review(first).comments[0].fingerprint})
    assert len(review(planned(BLOCKED, refused=one)).comments) == 2


def test_nothing_is_posted_for_a_head_that_moved() -> None:
    found = plan(BLOCKED, replace(PULL_REQUEST, head_sha=NEWER), FILES, (), OPTIONS)
    assert found.writes == ()
    assert found.left_out[0].startswith("pull request #5 has moved on to 77d0b6e while 4f2a91c was reviewed")
    assert found.annotations
    assert "### pgassay: blocked" in found.summary_markdown


def test_nothing_is_posted_on_a_closed_pull_request() -> None:
    found = planned(BLOCKED, pull_request=replace(PULL_REQUEST, is_open=False))
    assert (found.writes, found.left_out) == ((), ("pull request #5 is closed, so nothing is posted",))


def test_without_migrations_nothing_is_said() -> None:
    found = planned(NOTHING_PROPOSED)
    assert (found.writes, found.annotations, found.summary_markdown) == ((), (), "")


def test_without_migrations_any_more_what_was_said_is_taken_back() -> None:
    first = applied(planned(with_findings(NO_RLS)).writes)
    found = planned(NOTHING_PROPOSED, first, head=NEWER)
    assert kinds(found) == [EditSummary, EditReviewComment]
    assert planned(NOTHING_PROPOSED, applied(found.writes, first), head=NEWER).writes == ()


def test_a_clean_change_gets_a_summary_and_no_review() -> None:
    assert kinds(planned(PASSED)) == [CreateSummary]


def test_a_summary_that_somebody_deleted_is_made_anew() -> None:
    first = applied(planned(BLOCKED).writes)
    without = tuple(comment for comment in first if comment.kind != "issue")
    assert kinds(planned(BLOCKED, without)) == [CreateSummary]


def test_comments_of_others_are_left_alone_whatever_they_say() -> None:
    mine = applied(planned(BLOCKED).writes)
    others = tuple(replace(comment, author="octocat", id=comment.id + 100) for comment in mine)
    assert kinds(planned(BLOCKED, others)) == [CreateReview, CreateSummary]
    assert {write.id for write in edits(planned(PASSED, mine + others, head=NEWER))} == {1, 2, 3}
    as_ours = tuple(
        replace(comment, author=author) for comment in mine for author in ("GitHub-Actions[bot]", "", "bot")
    )
    assert kinds(planned(BLOCKED, as_ours)) == [CreateReview, CreateSummary]


def test_bodies_of_ours_without_the_marker_in_front_are_left_alone() -> None:
    """Another workflow writes under the same name, and may repeat what a migration says."""
    mine = applied(planned(BLOCKED).writes)
    quoted = tuple(replace(comment, body=f"This pull request says:\n{comment.body}") for comment in mine)
    assert kinds(planned(BLOCKED, quoted)) == [CreateReview, CreateSummary]


def test_replies_and_comments_of_the_other_kind_are_left_alone() -> None:
    mine = applied(planned(BLOCKED).writes)
    replies = tuple(replace(comment, in_reply_to=99) for comment in mine if comment.kind == "review")
    assert kinds(planned(BLOCKED, replies)) == [CreateReview, CreateSummary]
    swapped = tuple(replace(comment, kind="issue" if comment.kind == "review" else "review") for comment in mine)
    assert kinds(planned(BLOCKED, swapped)) == [CreateReview, CreateSummary]


def test_two_uses_in_one_repository_keep_apart() -> None:
    first = applied(planned(BLOCKED, id="shop").writes)
    assert kinds(planned(BLOCKED, first, id="billing")) == [CreateReview, CreateSummary]
    assert planned(PASSED, first, id="billing").writes == planned(PASSED, id="billing").writes
    assert planned(BLOCKED, first, id="shop").writes == ()


def test_of_two_summaries_the_first_is_kept_up_to_date() -> None:
    """Two runs at once may both have made one."""
    first = applied(planned(BLOCKED).writes)
    twice = (*first, replace(first[-1], id=90))
    (write,) = planned(BLOCKED, twice, head=NEWER).writes
    assert isinstance(write, EditSummary)
    assert write.id == first[-1].id


def test_of_comments_made_twice_one_stays() -> None:
    first = applied(planned(with_findings(NO_RLS)).writes)
    twice = (*first, replace(first[0], id=90))
    (edit,) = edits(planned(with_findings(NO_RLS), twice))
    assert edit.id == 90
    assert planned(with_findings(NO_RLS), applied([edit], twice)).writes == ()
    assert [edit.id for edit in edits(planned(PASSED, twice))] == [1, 90]


def test_two_findings_with_one_fingerprint_make_one_comment() -> None:
    same = replace(NO_RLS, message="another", location=replace(NO_RLS.location, start_column=2))
    found = planned(with_findings(NO_RLS, same))
    assert len(review(found).comments) == 1
    assert planned(with_findings(NO_RLS, same), applied(found.writes)).writes == ()


def test_old_comments_are_brought_up_to_date_in_portions() -> None:
    given = with_findings(*many(MOST_EDITS + 5))
    existing = applied(planned(given, most_inline=99).writes)
    found = planned(PASSED, existing, head=NEWER)
    assert len(edits(found)) == MOST_EDITS
    assert found.left_out == ("5 older comments to bring up to date, which the next run does",)
    rest = planned(PASSED, applied(found.writes, existing), head=NEWER)
    assert kinds(rest) == [EditReviewComment] * 5


def test_a_list_of_files_that_is_not_whole_is_told() -> None:
    off = replace(NO_RLS, location=Location("other.sql", 3, 3, 1, 9))
    sentence = "GitHub does not list all files of so large a pull request"
    for found in (
        planned(with_findings(off), files=replace(FILES, complete=False)),
        planned(with_findings(off), pull_request=replace(PULL_REQUEST, changed_files=2)),
    ):
        assert sentence in summary(found)
        assert found.left_out[0].startswith(sentence)
        assert planned(with_findings(off), applied(found.writes), files=replace(FILES, complete=False)).writes == ()
    whole = planned(with_findings(off), pull_request=replace(PULL_REQUEST, changed_files=1))
    assert sentence not in summary(whole)
    all_on_their_lines = planned(BLOCKED, files=replace(FILES, complete=False))
    assert sentence not in summary(all_on_their_lines)


def test_a_removed_migration_is_commented_on_what_is_gone() -> None:
    gone = replace(NO_RLS, location=Location("gone.sql", 1, 1))
    files = ChangedFiles((ChangedFile("gone.sql", "removed", patch="@@ -1,2 +0,0 @@\n-line 1\n-line 2"),))
    (comment,) = review(planned(with_findings(gone), files=files)).comments
    assert (comment.path, comment.line, comment.side) == ("gone.sql", 1, Side.LEFT)


def test_a_report_of_a_stranger_suggests_nothing() -> None:
    found = planned(with_findings(CASCADE), suggestions=False)
    assert "```suggestion" not in review(found).comments[0].body


def test_a_suggestion_of_several_lines_starts_before_it_ends() -> None:
    edit = Edit(Location(CLIENTS, 3, 4), "  id bigint primary key,\n  user_id bigint,")
    (comment,) = review(planned(with_findings(replace(CASCADE, edit=edit)))).comments
    assert (comment.start_line, comment.line) == (3, 4)


def test_markers_say_what_the_comments_are() -> None:
    found = planned(BLOCKED, id="shop")
    for comment in review(found).comments:
        marker = read(comment.body)
        assert isinstance(marker, FindingMarker)
        assert (marker.id, marker.fingerprint, marker.state) == ("shop", comment.fingerprint, OPEN)
    marker = read(summary(found))
    assert isinstance(marker, SummaryMarker)
    assert (marker.id, marker.head) == ("shop", HEAD)
    gone = read(edits(planned(PASSED, applied(found.writes), id="shop"))[0].body)
    assert isinstance(gone, FindingMarker)
    assert gone.state == FIXED


def test_the_page_of_the_job_says_everything() -> None:
    page = planned(BLOCKED).summary_markdown
    assert "<!--" not in page
    assert re.search("### pgassay: blocked, 2 errors, 1 warning", page)
    assert "What to do about them" in page
    assert page.count("<sub>") == 3
