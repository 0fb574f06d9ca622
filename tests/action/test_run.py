"""The action from the event to what stands on the pull request afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgassay.action.inputs import read_inputs
from pgassay.postgres import embedded
from tests.action.runs import CLEAN, FOLDER, NOTES, OPEN, USERS, Runner
from tests.fake_github import JOB_TOKEN, OCTOCAT, FakeGitHub, Repository, faults
from tests.fake_github.events import example
from tests.github.bodies import check_that_nothing_acts
from tests.github.pull_requests import ours, requests


def test_a_pull_request_gets_a_review_and_a_summary_and_is_blocked(runner: Runner, github: FakeGitHub) -> None:
    ran = runner.on_pull_request()
    assert ran.code == 1, ran.log
    assert len(github.writes) == 2
    (comment,) = github.pull.review_comments
    assert (comment.path, comment.line) == (NOTES, 4)  # where the statement ends, and the fix begins
    assert "```suggestion\n);\nalter table notes enable row level security;\n```" in comment.body
    (summary,) = github.pull.issue_comments
    assert "### pgassay: blocked, 1 error" in summary.body
    assert f"commit `{github.pull.head_sha[:7]}`" in summary.body
    assert "table `notes`" in ran.summary
    assert ran.outputs == {
        "verdict": "block",
        "incomplete": "false",
        "errors": "1",
        "warnings": "0",
        "notes": "0",
        "report": "pgassay-report.json",
    }
    assert ran.report["commit"] == github.pull.head_sha
    assert [line.partition(" ")[0] for line in ran.commands] == ["::error"]
    assert f"file={NOTES},line=1" in ran.commands[0]


def test_the_second_push_says_nothing_twice_and_a_fix_is_said_in_the_old_comment(
    runner: Runner, github: FakeGitHub
) -> None:
    runner.on_pull_request()
    github.push({"README.md": "# The shop\n"})
    github.forget()
    assert runner.on_pull_request().code == 1
    assert [request.method for request in github.writes] == ["PATCH"]  # the summary names the newer commit
    github.push({NOTES: CLEAN})
    github.forget()
    ran = runner.on_pull_request()
    assert ran.code == 0, ran.log
    assert [request.method for request in github.writes] == ["PATCH", "PATCH"]
    assert "Fixed in" in github.pull.review_comments[0].body
    assert "### pgassay: passed" in github.pull.issue_comments[0].body


def test_a_clean_change_gets_a_summary_and_no_review(runner: Runner, github: FakeGitHub) -> None:
    github.push({NOTES: CLEAN})
    ran = runner.on_pull_request()
    assert (ran.code, ran.commands, ran.outputs["verdict"]) == (0, [], "pass")
    assert (github.pull.reviews, len(github.pull.issue_comments)) == ([], 1)


def test_without_migrations_it_passes_and_says_so_in_the_log_only(runner: Runner, github: FakeGitHub) -> None:
    github.push({NOTES: None, "README.md": "# The shop\n"})
    ran = runner.on_pull_request()
    assert (ran.code, ran.commands, ran.summary, github.writes) == (0, [], "", [])
    assert "no new migrations since main" in ran.log


def test_a_migration_that_is_taken_back_leaves_no_open_comment(runner: Runner, github: FakeGitHub) -> None:
    runner.on_pull_request()
    github.push({NOTES: None})
    assert runner.on_pull_request().code == 0
    assert "Fixed in" in github.pull.review_comments[0].body
    assert "### pgassay: passed" in github.pull.issue_comments[0].body


def test_what_is_merged_meanwhile_is_merged_here_too(runner: Runner, github: FakeGitHub) -> None:
    """The base branch moved on after the change left it: nothing of that is proposed."""
    repository = github.pull.repository
    repository.git("checkout", "--quiet", "main")
    repository.commit({f"{FOLDER}/20260101500000_open.sql": "create table open (id bigint primary key);\n"})
    ran = runner.on_pull_request()
    assert [finding["path"] for finding in ran.report["findings"]] == [NOTES]
    assert ran.report["migrations"] == {"base": 2, "base_failed": 0, "proposed": 1, "applied": 1, "failed": 0}


def test_policy_comes_from_the_base_branch(runner: Runner, github: FakeGitHub) -> None:
    github.push({"pgassay.toml": '[rules]\nmissing_rls = "off"\n'})
    ran = runner.on_pull_request()
    assert ran.code == 1
    assert "pgassay.toml" in ran.summary


@pytest.mark.parametrize("depth", [1, 2, None])
def test_any_depth_of_checkout_will_do(depth: int | None, runner: Runner) -> None:
    assert runner.on_pull_request(depth=depth).code == 1


@pytest.mark.parametrize("depth", [1, None])
def test_the_head_itself_may_be_checked_out(depth: int | None, runner: Runner, github: FakeGitHub) -> None:
    repository = github.pull.repository
    repository.git("checkout", "--quiet", "main")
    repository.commit({f"{FOLDER}/20260101500000_open.sql": "create table open (id bigint primary key);\n"})
    payload = github.event("pull_request_synchronize")
    ran = runner.run("pull_request", payload, commit=github.pull.head_sha, depth=depth)
    assert ran.code == 1, ran.log
    assert ran.report["migrations"]["base"] == 1
    assert len(github.pull.review_comments) == 1


def test_something_else_is_not_reviewed_in_its_place(runner: Runner, github: FakeGitHub) -> None:
    payload = github.event("pull_request_synchronize")
    ran = runner.run("pull_request", payload, commit=github.pull.base_sha)
    assert ran.code == 2
    assert "which is neither the head of pull request #1" in ran.commands[0]
    assert ran.outputs == {"incomplete": "true"}
    assert "could not check" in ran.summary
    assert github.writes == []


def test_a_workflow_without_a_checkout_is_told_so(runner: Runner, github: FakeGitHub) -> None:
    ran = runner.run("pull_request", github.event("pull_request_synchronize"), commit=None)
    assert ran.code == 2
    assert "put actions/checkout before this step" in ran.commands[0]


def test_a_fork_is_judged_and_its_findings_are_on_the_page_of_the_job(runner: Runner, github: FakeGitHub) -> None:
    github.pull.fork_owner, github.mode = "stranger", "read"
    ran = runner.on_pull_request()
    assert ran.code == 1
    assert (github.pull.reviews, github.pull.issue_comments) == ([], [])
    assert [line.partition(" ")[0] for line in ran.commands] == ["::error", "::notice"]
    assert ran.commands[1] == (
        "::notice title=pgassay::a run for a fork has a token that may only read, so the findings are on the page of "
        "this job; README#forks tells how to have them on the pull request"
    )
    assert "missing_rls" in ran.summary


def test_a_fork_runs_in_a_whole_sandbox_or_not_at_all(
    runner: Runner, github: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = embedded._info
    monkeypatch.setattr(
        embedded, "_info", lambda version, major, _: info(version, major, "this kernel has no Landlock")
    )
    assert runner.on_pull_request().code == 1
    github.pull.fork_owner, github.mode = "stranger", "read"
    ran = runner.on_pull_request()
    assert (ran.code, ran.report["server"], ran.report["findings"]) == (3, None, [])
    assert "they come from a fork, and the sandbox around the server is not whole: this kernel has no" in ran.log


@pytest.mark.parametrize("permitted", [False, True])
def test_pull_request_target_runs_no_migration_unless_told_to(
    permitted: bool, runner: Runner, github: FakeGitHub
) -> None:
    ran = runner.on_pull_request("pull_request_target", execute_untrusted=str(permitted).lower())
    if permitted:
        assert ran.code == 1
        assert ran.report["server"]
    else:
        assert (ran.code, ran.report["server"], ran.report["incomplete"]) == (3, None, True)
        assert "were only read" in ran.log
        assert "### pgassay: could not check" in github.pull.issue_comments[0].body


def test_a_merge_group_is_compared_with_its_base(runner: Runner, github: FakeGitHub) -> None:
    commit = runner.merge()
    payload = example("merge_group")
    payload["merge_group"] |= {"head_sha": commit, "base_sha": github.pull.base_sha, "base_ref": "refs/heads/main"}
    ran = runner.run("merge_group", payload, commit=commit)
    assert (ran.code, ran.report["migrations"]["proposed"], github.received) == (1, 1, [])
    assert "missing_rls" in ran.summary
    assert "a merge group is no pull request" in ran.log


def test_a_push_is_compared_with_what_was_there_before(runner: Runner, github: FakeGitHub) -> None:
    payload = example("push") | {"before": github.pull.base_sha, "after": github.pull.head_sha, "forced": False}
    payload |= {"deleted": False, "ref": "refs/heads/change", "head_commit": {"id": github.pull.head_sha}}
    ran = runner.run("push", payload, commit=github.pull.head_sha)
    assert (ran.code, ran.report["migrations"]["proposed"], github.received) == (1, 1, [])


@pytest.mark.parametrize("depth", [1, None])
def test_a_new_branch_and_a_run_by_hand_are_compared_with_the_default_branch(
    depth: int | None, runner: Runner, github: FakeGitHub
) -> None:
    payload = example("workflow_dispatch")
    payload["repository"]["default_branch"] = "main"
    ran = runner.run("workflow_dispatch", payload, commit=github.pull.head_sha, depth=depth)
    assert (ran.code, ran.report["migrations"]["proposed"]) == (1, 1), ran.log


def test_a_branch_that_is_compared_with_nothing_is_reviewed_whole(runner: Runner, github: FakeGitHub) -> None:
    """By hand or by the clock on the default branch, and the first push to it."""
    repository = github.pull.repository
    repository.git("checkout", "--quiet", "main")
    head = repository.commit({NOTES: OPEN})
    payload = example("workflow_dispatch")
    payload["repository"]["default_branch"] = "main"
    by_hand = runner.run("workflow_dispatch", payload, commit=head, environment={"GITHUB_REF": "refs/heads/main"})
    by_the_clock = runner.run("schedule", {}, commit=head)
    push = example("push") | {"before": "0" * 40, "after": head, "head_commit": {"id": head}, "ref": "refs/heads/main"}
    push["repository"]["default_branch"] = "main"
    for ran in (by_hand, by_the_clock, runner.run("push", push, commit=head)):
        assert (ran.code, ran.report["migrations"]["proposed"]) == (1, 2), ran.log


@pytest.mark.parametrize("depth", [1, None])
def test_a_forced_push_is_compared_with_what_it_threw_away(
    depth: int | None, runner: Runner, github: FakeGitHub
) -> None:
    repository = github.pull.repository
    before, after = github.pull.head_sha, github.pull.base_sha
    repository.git("checkout", "--quiet", "-b", "forced", after)
    after = repository.commit({NOTES: OPEN, "README.md": "# Another\n"})
    payload = example("push") | {"before": before, "after": after, "head_commit": {"id": after}, "forced": True}
    ran = runner.run("push", payload | {"ref": "refs/heads/change"}, commit=after, depth=depth)
    assert (ran.code, ran.report["migrations"]["proposed"]) == (1, 1), ran.log


@pytest.mark.parametrize("name", ["pull_request", "pull_request_target"])
@pytest.mark.parametrize("depth", [1, None])
def test_a_fork_does_not_choose_what_it_is_compared_with(
    name: str, depth: int | None, runner: Runner, github: FakeGitHub, tmp_path: Path
) -> None:
    """Its main branch is the head, and `origin` is the fork; a tag is called like the base branch, too."""
    fork = tmp_path / "fork"
    github.pull.repository.git("clone", "--quiet", "--bare", str(github.pull.repository.folder), str(fork))
    stranger = Repository(fork)
    head = github.pull.head_sha
    stranger.git("update-ref", "refs/heads/main", head)
    stranger.git("tag", "main", head)
    github.pull.fork_owner = "stranger"
    payload = github.event("pull_request_synchronize")
    ran = runner.run(name, payload, commit=head, depth=depth, origin=stranger)
    assert ran.code == (1 if name == "pull_request" else 3), ran.log
    assert ran.report["migrations"]["proposed"] == 1


def test_a_project_without_any_migration_passes(runner: Runner, github: FakeGitHub) -> None:
    """As on the day on which somebody adds the workflow."""
    github.push({NOTES: None, ".github/workflows/migrations.yml": "on: pull_request\n"})
    repository = github.pull.repository
    repository.git("checkout", "--quiet", "main")
    repository.commit({USERS: None})
    ran = runner.on_pull_request()
    assert (ran.code, ran.commands, ran.summary, github.writes) == (0, [], "", []), ran.log
    assert "no new migrations since main" in ran.log
    assert "--all" not in ran.log


@pytest.mark.parametrize("name", ["schedule", "pull_request_target"])
def test_nor_does_another_event_ask_for_a_folder(name: str, runner: Runner, github: FakeGitHub) -> None:
    repository = github.pull.repository
    repository.git("checkout", "--quiet", "main")
    repository.commit({USERS: None})
    repository.git("checkout", "--quiet", "-B", "change")
    head = github.push({"README.md": "No database yet.\n"})
    payload = github.event("pull_request_synchronize") if name == "pull_request_target" else {}
    assert runner.run(name, payload, commit=head).code == 0


def test_sql_in_a_folder_that_nobody_knows_is_no_pass(runner: Runner, github: FakeGitHub) -> None:
    github.push({NOTES: None, "queries/report.sql": "select 1;\n"})
    repository = github.pull.repository
    repository.git("checkout", "--quiet", "main")
    repository.commit({USERS: None})
    ran = runner.on_pull_request()
    assert ran.code == 2
    assert "no folder that looks like migrations" in ran.commands[0]


def test_posting_can_be_switched_off(runner: Runner, github: FakeGitHub) -> None:
    ran = runner.on_pull_request(post="false")
    assert (ran.code, github.received) == (1, [])
    assert "missing_rls" in ran.summary


def test_findings_can_be_kept_to_the_summary(runner: Runner, github: FakeGitHub) -> None:
    runner.on_pull_request(inline="none")
    assert (github.pull.reviews, len(github.pull.issue_comments)) == ([], 1)
    assert "alter table notes enable row level security" in github.pull.issue_comments[0].body


def test_two_projects_of_one_repository_do_not_touch_each_others_comments(runner: Runner, github: FakeGitHub) -> None:
    first = runner.on_pull_request(id="api")
    second = runner.on_pull_request(id="web")
    assert (first.outputs["report"], second.outputs["report"]) == (
        "pgassay-report-api.json",
        "pgassay-report-web.json",
    )
    assert len(github.pull.issue_comments) == 2
    assert "Fixed" not in "".join(comment.body for comment in github.pull.review_comments)
    github.pull.issue_comments.clear()  # so that the fixture's check for doubles speaks of one of them
    github.pull.review_comments.clear()


@pytest.mark.parametrize(
    ("path", "id"), [(".", "default"), ("./apps/api", "apps-api"), ("Über/web app", "ber-web-app"), ("é", "default")]
)
def test_without_an_id_it_follows_from_the_path(path: str, id: str) -> None:
    assert read_inputs({"INPUT_PATH": path}).id == id


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"inline": "all"}, "inline: 'all' is unknown; write error, warning, note, none."),
        ({"post": "yes"}, "post: 'yes' is unknown; write true, false."),
        ({"id": "a b"}, "id: 'a b' cannot stand in a comment"),
        ({"path": "../secrets"}, "path: '../secrets' is not a folder of the repository"),
        ({"path": "nowhere"}, "path: nowhere is no folder of"),
        ({"report": "x.json"}, "report: only a run on workflow_run posts a report"),
    ],
)
def test_a_wrong_input_is_named(inputs: dict[str, str], words: str, runner: Runner) -> None:
    ran = runner.on_pull_request(**inputs)
    assert ran.code == 2
    assert words in ran.commands[0]


@pytest.mark.parametrize("mode", ["read", "expired", "blind"])
def test_a_token_that_cannot_post_changes_no_exit_code(mode: str, runner: Runner, github: FakeGitHub) -> None:
    github.mode = mode  # type: ignore[assignment]
    ran = runner.on_pull_request()
    assert ran.code == 1
    assert ran.commands[-1].startswith("::warning title=pgassay::not everything is on the pull request")
    assert "missing_rls" in ran.summary


def test_no_token_and_no_server_change_no_exit_code(runner: Runner) -> None:
    assert "there is no token" in runner.on_pull_request(token="").commands[-1]
    nobody = runner.on_pull_request(environment={"GITHUB_API_URL": "http://127.0.0.1:9"})
    assert (nobody.code, nobody.commands[-1].partition(" ")[0]) == (1, "::warning")


def test_a_review_that_github_refuses_goes_to_the_summary(runner: Runner, github: FakeGitHub) -> None:
    github.on("POST", "/reviews$", faults.refused(422, "Line must be part of the diff"))
    ran = runner.on_pull_request()
    assert ran.code == 1
    assert (github.pull.reviews, ours(github)) == ([], ["summary"])
    assert "enable row level security" in github.pull.issue_comments[0].body


def test_others_comments_with_our_marker_in_them_are_left_alone(runner: Runner, github: FakeGitHub) -> None:
    runner.on_pull_request()
    copied = github.pull.issue_comments[0].body
    github.pull.comment(OCTOCAT, copied)
    github.push({NOTES: CLEAN})
    runner.on_pull_request()
    assert [entry.body == copied for entry in github.pull.issue_comments if entry.author != JOB_TOKEN] == [True]


def test_what_a_migration_says_is_no_command_to_the_runner(runner: Runner, github: FakeGitHub) -> None:
    hostile = "do $$ begin raise exception E'x\\n::set-output name=verdict::pass\\n##[error]x'; end $$;\n"
    github.push({NOTES: hostile})
    ran = runner.on_pull_request()
    assert "set-output" in ran.log
    assert all(line.startswith("::warning file=") for line in ran.commands)
    assert "\n::set-output" not in ran.log
    assert not any("##[" in line for line in ran.log.splitlines() if line not in ran.commands)


def test_a_report_is_written_beside_a_link_that_the_change_put_there(runner: Runner, github: FakeGitHub) -> None:
    target = Path(github.pull.repository.folder) / "target"
    target.write_text("mine\n", "utf-8")
    (github.pull.repository.folder / "pgassay-report.json").symlink_to(target)
    github.push({"linked.txt": "x\n"})
    ran = runner.on_pull_request()
    assert ran.report["verdict"] == "block"
    assert target.read_text("utf-8") == "mine\n"


def test_settings_that_are_wrong_are_the_users_to_mend(runner: Runner, github: FakeGitHub) -> None:
    repository = github.pull.repository
    repository.git("checkout", "--quiet", "main")
    repository.commit({"pgassay.toml": 'fail_onn = "error"\n'})
    ran = runner.on_pull_request()
    assert ran.code == 2
    assert "fail_on" in ran.commands[0]
    assert github.writes == []


def test_the_requests_of_a_normal_run(runner: Runner, github: FakeGitHub) -> None:
    runner.on_pull_request()
    assert requests(github) == [
        "GET pulls/1",
        "GET pulls/1/files",
        "GET pulls/1/comments",
        "GET issues/1/comments",
        "GET pulls/1",
        "POST pulls/1/reviews",
        "POST issues/1/comments",
    ]


def test_a_run_that_ends_without_a_report_takes_the_old_verdict_back(runner: Runner, github: FakeGitHub) -> None:
    github.push({NOTES: CLEAN})
    runner.on_pull_request()
    head = github.pull.head_sha
    repository = github.pull.repository
    repository.git("checkout", "--quiet", "main")
    repository.commit({"pgassay.toml": 'fail_onn = "error"\n'})
    repository.git("checkout", "--quiet", "change")
    github.push({NOTES: OPEN})
    github.forget()
    assert runner.on_pull_request().code == 2
    (write,) = github.writes
    (summary,) = github.pull.issue_comments
    check_that_nothing_acts(summary.body, summary=True)
    assert (write.method, summary.body.split("\n")[1]) == ("PATCH", "### pgassay: could not check")
    assert "fail_onn" in summary.body
    assert f"commit `{github.pull.head_sha[:7]}`" in summary.body
    assert f"head={head} " in summary.body
    assert runner.on_pull_request().code == 2
    assert len(github.writes) == 1


def test_a_first_run_that_ends_without_a_report_writes_nothing(runner: Runner, github: FakeGitHub) -> None:
    repository = github.pull.repository
    repository.git("checkout", "--quiet", "main")
    repository.commit({"pgassay.toml": 'fail_onn = "error"\n'})
    repository.git("checkout", "--quiet", "change")
    assert runner.on_pull_request().code == 2
    assert github.writes == []
