"""Bring a pull request to what a report says: read, plan, write, and when in doubt read and plan again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pgassay.github.client import GitHub
from pgassay.github.model import (
    ChangedFiles,
    CreateReview,
    EditReviewComment,
    EditSummary,
    ExistingComment,
    Options,
    Plan,
    PullRequest,
    Write,
)
from pgassay.github.ours import Ours, other_authors
from pgassay.github.plan import plan, reviewed_before
from pgassay.github.trouble import GitHubError, InDoubt, Limited, Refused
from pgassay.model import Report
from pgassay.render.visible import visible
from pgassay.render.words import counted

SECONDS = 90.0
"""For everything together; enough to sit out one limit that comes without advice (60 s)."""
DOUBTS = 2
"""How often the same write is sent without an answer and without being found afterwards."""
LATE = 5.0
"""How long after a failed answer a write may still turn up."""
AT_ONCE = 3
"""Writes that go out without a pause: GitHub asks for a second between many (best practices for the REST API)."""

Target = tuple[type[Write], int | None]


class Published(Struct, frozen=True):
    """`plan` has the annotations and the job's page, which are to be shown in any case.

    `writes_done` are those that are on the pull request now because of this run. `degraded` is one line for the log on
    why something that was to be there is not; None when nothing is missing.
    """

    plan: Plan
    writes_done: tuple[Write, ...] = ()
    degraded: str | None = None


def publish(
    report: Report,
    number: int,
    options: Options,
    github: GitHub,
    *,
    with_patches: Callable[[ChangedFiles], ChangedFiles] = lambda files: files,
    seconds: float = SECONDS,
) -> Published:
    """Whatever GitHub does, this raises nothing, sends nothing again that may have arrived, and ends within `seconds`
    and the time-out of one answer.

    `with_patches` fills in the patches that GitHub leaves out of its list of files.
    """
    github.allow(seconds)
    publication = _Publication(report, number, options, github, with_patches)
    try:
        degraded = publication.run()
    except GitHubError as failure:
        degraded = str(failure)
    return Published(publication.plan or publication.plan_unseen(), tuple(publication.done), degraded)


class _Moved(GitHubError):
    pass


class _Publication:
    def __init__(
        self,
        report: Report,
        number: int,
        options: Options,
        github: GitHub,
        with_patches: Callable[[ChangedFiles], ChangedFiles],
    ) -> None:
        self._report = report
        self._number = number
        self._options = options
        self._github = github
        self._with_patches = with_patches
        self._files: ChangedFiles | None = None
        self._refusal: Refused | None = None
        self._in_doubt: Write | None = None
        self._doubts: dict[Target, list[InDoubt]] = {}
        self._gone: set[Write] = set()
        self._unedited: dict[int, Refused] = {}
        self._writes_as: str | None = None
        self.plan: Plan | None = None
        self.done: list[Write] = []

    def run(self) -> str | None:
        """Until nothing is left to write. What had to be left out on the way, if anything."""
        while True:
            self.plan = self._read()
            if not self.plan.writes:
                break
            self._look()
            if self._write(self.plan):
                break
        return "; ".join(self._missing()) or None

    def _missing(self) -> Iterator[str]:
        if self._refusal:
            yield f"not every comment could be put on its line: {self._refusal}"
        if self._unedited:
            one = next(iter(self._unedited.values()))
            yield f"{counted(len(self._unedited), 'older comment')} could not be brought up to date: {one}"
        if self._writes_as:
            yield (
                f"the token writes as {self._writes_as}: set the input `author` to that, or the next run does not know "
                "its own comments and posts nothing"
            )

    def _learn(self, login: str | None) -> None:
        """A job's own token may not ask who it is. Not knowing it, this run might post again what it has posted."""
        if login and login != self._options.author:
            self._writes_as = login
            self._options = replace(self._options, author=login)

    def plan_unseen(self) -> Plan:
        """What there is to say when the pull request could not be read: nothing on it, all of it elsewhere."""
        unseen = PullRequest(self._number, self._options.head_sha, base_ref="", base_sha="", head_repository=None)
        planned = plan(self._report, unseen, ChangedFiles((), complete=False), (), self._options)
        return replace(planned, writes=(), left_out=())

    def _look(self) -> PullRequest:
        """The pull request as it is now. Findings about an older head are not for it."""
        found = self._github.pull_request(self._number)
        if found.head_sha != self._options.head_sha:
            raise _Moved(
                f"the pull request has moved on from {self._options.head_sha[:7]} to {found.head_sha[:7]}, "
                "and the run for that commit reports"
            )
        return found

    def _read(self) -> Plan:
        found = self._look()
        if self._files is None:
            self._files = self._with_patches(self._github.changed_files(found))
        comments = self._github.comments(self._number)
        self._recognise(comments)
        ours = Ours.among(comments, self._options)
        if self._options.reviewed_before is None:
            self._options = replace(self._options, reviewed_before=reviewed_before(ours))
        planned = plan(self._report, found, self._files, comments, self._options)
        if self._in_doubt is not None:
            self._settle(self._in_doubt, planned)
            self._in_doubt = None
        return planned

    def _recognise(self, comments: Sequence[ExistingComment]) -> None:
        """Raises Refused where comments like ours are by another app, or by whoever the token belongs to.

        To post again under every push would be worse than to post nothing, and others' comments are never edited.
        """
        others = other_authors(comments, self._options)
        by = next((comment.author for comment in others if comment.is_bot), None)
        if others and not by:
            login = self._github.login()
            by = next((comment.author for comment in others if comment.author == login), None)
        if by:
            raise Refused(
                f"the comments of earlier runs are by {visible(by)} and not by {self._options.author}; set the input "
                f"`author` to the login under which the token writes"
            )

    def _settle(self, write: Write, planned: Plan) -> None:
        """What is planned no more has arrived."""
        if _target(write) not in map(_target, planned.writes):
            self.done.append(write)
        elif len(self._doubts[_target(write)]) == DOUBTS:
            raise self._doubts[_target(write)][-1]

    def _write(self, planned: Plan) -> bool:
        """False when something came in between, so that it takes a new look and a new plan."""
        for write in planned.writes:
            if isinstance(write, EditReviewComment) and write.id in self._unedited:
                continue
            if len(self.done) >= AT_ONCE:
                self._github.wait(1, "there is much to write")
            try:
                self._learn(self._github.send(self._number, write))
            except Limited as limit:
                self._github.wait(limit.seconds, str(limit))
                return False
            except InDoubt as doubt:
                self._in_doubt = write
                self._doubts.setdefault(_target(write), []).append(doubt)
                self._github.wait(LATE, str(doubt))
                return False
            except Refused as refusal:
                self._change_course(write, refusal)
                return False
            self.done.append(write)
        return True

    def _change_course(self, write: Write, refusal: Refused) -> None:
        """Raises the refusal where another plan would not help."""
        if isinstance(write, CreateReview) and refusal.status == 422:
            # GitHub does not say which comment it minds, and takes none: first without those it was likely to mind.
            unsure = [comment for comment in write.comments if not comment.sure]
            minded = {comment.fingerprint for comment in unsure or write.comments}
            if not minded <= self._options.refused:
                self._options = replace(self._options, refused=self._options.refused | minded)
                self._refusal = refusal
                return
        if isinstance(write, EditReviewComment | EditSummary) and refusal.status == 404 and write not in self._gone:
            # Somebody deleted it after we had read it.
            self._gone.add(write)
            return
        if isinstance(write, EditReviewComment) and refusal.status in (404, 422):
            # One older comment is no reason to leave out what follows.
            self._unedited[write.id] = refusal
            return
        raise refusal


def _target(write: Write) -> Target:
    return type(write), getattr(write, "id", None)
