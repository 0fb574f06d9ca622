"""Which commit a change is compared with, and what git is asked and not asked to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgassay.errors import UsageError
from pgassay.history import find_base, read_at_base

from .project import Project, Repository

ONE = {"migrations/1_a.sql": "select 1;\n"}


def resolved(repository: Repository, ref: str | None = None) -> tuple[str, str]:
    base = find_base(repository.path, ref)
    assert base is not None
    return base.label, base.commit


def test_outside_git_there_is_no_base(folder: Project) -> None:
    assert find_base(folder.path) is None


def test_a_folder_that_is_not_there_is_an_error(repository: Repository) -> None:
    with pytest.raises(UsageError, match=r"nowhere does not exist"):
        find_base(repository.path / "nowhere")


def test_before_the_first_commit_there_is_no_base(repository: Repository) -> None:
    assert find_base(repository.path) is None


def test_the_base_is_where_the_branch_left_main(repository: Repository) -> None:
    left = repository.commit(ONE)
    repository.branch("feature")
    repository.commit({"migrations/2_b.sql": ""})
    repository.git("switch", "--quiet", "main")
    repository.commit({"migrations/3_c.sql": ""})
    repository.git("switch", "--quiet", "feature")
    assert resolved(repository) == ("main", left)


def test_on_the_default_branch_the_base_is_head(repository: Repository) -> None:
    commit = repository.commit(ONE)
    assert resolved(repository) == ("main", commit)


def test_default_branches_are_tried_in_order(repository: Repository) -> None:
    first = repository.commit(ONE)
    repository.git("branch", "master")
    second = repository.commit()
    repository.git("update-ref", "refs/remotes/origin/master", first)
    assert resolved(repository) == ("origin/master", first)
    repository.git("update-ref", "refs/remotes/origin/main", second)
    assert resolved(repository) == ("origin/main", second)
    repository.git("update-ref", "refs/remotes/origin/trunk", first)
    repository.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert resolved(repository) == ("origin/trunk", first)


def test_an_origin_head_that_points_to_nothing_is_passed_over(repository: Repository) -> None:
    commit = repository.commit(ONE)
    repository.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")
    assert resolved(repository) == ("main", commit)


@pytest.mark.parametrize("ref", ["develop", "refs/heads/develop", "v1"])
def test_the_base_may_be_any_ref(repository: Repository, ref: str) -> None:
    commit = repository.commit(ONE)
    repository.git("branch", "develop")
    repository.git("tag", "--annotate", "v1", "--message=v1")
    repository.commit({"migrations/2_b.sql": ""})
    assert resolved(repository, ref) == (ref, commit)
    assert resolved(repository, commit) == (commit, commit)


def test_a_ref_that_only_the_remote_has_is_found(repository: Repository) -> None:
    commit = repository.commit(ONE)
    repository.git("update-ref", "refs/remotes/origin/release", commit)
    assert resolved(repository, "release") == ("origin/release", commit)


@pytest.mark.parametrize("ref", ["nowhere", "--all", "HEAD:migrations", ""])
def test_an_unknown_ref_is_refused_with_the_next_step(repository: Repository, ref: str) -> None:
    repository.commit(ONE)
    with pytest.raises(UsageError, match=f'--base: git knows no commit "{ref}".*git fetch'):
        find_base(repository.path, ref)


def test_without_a_default_branch_one_has_to_be_named(repository: Repository) -> None:
    repository.commit(ONE)
    repository.git("branch", "--move", "trunk")
    with pytest.raises(UsageError, match=r"origin/main.* nor master.*--base"):
        find_base(repository.path)


def test_unrelated_branches_have_no_base(repository: Repository) -> None:
    repository.commit(ONE)
    repository.git("switch", "--quiet", "--orphan", "other")
    repository.commit(ONE)
    with pytest.raises(UsageError, match=r"HEAD and main have no common commit: name another branch"):
        find_base(repository.path)


def test_a_shallow_clone_says_what_to_fetch(repository: Repository, tmp_path: Path) -> None:
    repository.commit(ONE)
    repository.branch("feature")
    repository.commit()
    repository.git("switch", "--quiet", "main")
    repository.commit()
    clone = tmp_path / "clone"
    repository.git(
        *"clone --quiet --depth=1 --no-single-branch --branch=feature".split(), repository.path.as_uri(), str(clone)
    )
    with pytest.raises(UsageError, match=r"shallow clone: run git fetch --unshallow"):
        find_base(clone)


def test_a_repository_of_another_owner_names_the_setting(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit(ONE)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(UsageError, match=rf"git config --global --add safe.directory {repository.path}$"):
        find_base(repository.path / "migrations")


def test_a_repository_without_git_installed_says_so(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"is a git repository and git is not installed"):
        find_base(repository.path)


def test_a_damaged_repository_is_an_error_and_no_plain_folder(folder: Project) -> None:
    folder.write({".git": "gitdir: /nowhere/at/all\n"})
    with pytest.raises(UsageError, match=r"git rev-parse fails in .*not a git repository"):
        find_base(folder.path)


def test_variables_of_a_hook_do_not_lead_elsewhere(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = repository.commit(ONE)
    other = Repository(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_ICASE_PATHSPECS", "1")
    assert resolved(repository) == ("main", commit)
    assert [each.path for each in repository.discover().base] == ["migrations/1_a.sql"]


def test_nothing_that_the_repository_configures_is_run(repository: Repository, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    witness = tmp_path / "was-run"
    trap.write_text(f"#!/bin/sh\ntouch {witness}\n")
    trap.chmod(0o755)
    repository.write({".gitattributes": "*.sql diff=trap filter=trap\n"})
    repository.commit({"migrations/1_a.sql": "select 1;\n", "migrations/2_b.sql": "select 2;\n"})
    for key in ("core.fsmonitor", "diff.external", "diff.trap.textconv", "filter.trap.clean", "filter.trap.smudge"):
        repository.git("config", key, str(trap))
    repository.git("config", "core.hooksPath", str(tmp_path))
    repository.write({"migrations/1_a.sql": "select 3;\n", "migrations/4_c.sql": "select 4;\n"})
    repository.discover()
    assert not witness.exists()


def test_a_file_of_the_base_commit_is_read(repository: Repository) -> None:
    repository.commit({"pgassay.toml": "a = 1\n", "app/pgassay.toml": "b = 2\n", **ONE})
    repository.branch("feature")
    repository.commit({"pgassay.toml": "a = 3\n", "app/pgassay.toml": None, "app/x": ""})
    base = find_base(repository.path)
    assert base is not None
    assert base.read("pgassay.toml") == b"a = 1\n"
    assert base.read(".github/pgassay.toml") is None
    assert base.read("migrations") is None
    assert base.read("../outside") is None
    assert read_at_base(repository.path / "migrations", "../pgassay.toml", base) == b"a = 1\n"
    assert read_at_base(repository.path / "app", "pgassay.toml", base) == b"b = 2\n"
