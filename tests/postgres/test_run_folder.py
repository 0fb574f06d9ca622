from __future__ import annotations

import fcntl
import os
import stat
import time
from pathlib import Path

import pytest

from pgassay.errors import CannotCheck
from pgassay.postgres import run_folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(run_folder, "_places", lambda: iter((tmp_path,)))
    monkeypatch.setattr(run_folder, "_SHARED_MEMORY", tmp_path)
    monkeypatch.setattr(run_folder, "_LONGEST_SOCKET", 1000)
    return tmp_path


def make() -> run_folder.RunFolder:
    return run_folder.make(for_others=False, executable=False)


def abandoned(place: Path, name: str = "pgassay-abandoned") -> Path:
    folder = place / name
    (folder / "cluster/data").mkdir(parents=True)
    (folder / "cluster/data/PG_VERSION").write_text("18")
    (folder / "lock").touch()
    return folder


def test_folder_is_ours_alone(place: Path) -> None:
    folder = make()
    assert folder.path.parent == place
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.cluster.stat().st_mode) == 0o700
    folder.close()
    assert list(place.iterdir()) == []


def test_another_users_server_gets_to_its_part_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_folder, "_places", lambda: iter((Path("/tmp"),)))
    monkeypatch.setattr(run_folder, "_LONGEST_SOCKET", 1000)
    folder = run_folder.make(for_others=True, executable=False)
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o711
    assert stat.S_IMODE(folder.cluster.stat().st_mode) == 0o700
    folder.close()
    tmp_path.chmod(0o700)
    monkeypatch.setattr(run_folder, "_places", lambda: iter((tmp_path,)))
    with pytest.raises(CannotCheck, match="cannot be reached by other users; set TMPDIR"):
        run_folder.make(for_others=True, executable=False)


def test_abandoned_folders_are_swept(place: Path) -> None:
    left = abandoned(place)
    (left / "cluster/link").symlink_to(place)
    make().close()
    assert list(place.iterdir()) == []


def test_folder_whose_lock_is_held_stays(place: Path) -> None:
    used = abandoned(place)
    lock = os.open(used / "lock", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    make().close()
    os.close(lock)
    assert (used / "cluster/data/PG_VERSION").exists()


def test_what_is_not_ours_stays(place: Path) -> None:
    other = abandoned(place, "postgres-data")
    without_lock = place / "pgassay-notes"
    without_lock.mkdir()
    (without_lock / "notes.txt").write_text("mine")
    long_ago = time.time() - 1e6
    os.utime(without_lock, (long_ago, long_ago))
    strange_lock = place / "pgassay-strange"
    (strange_lock / "lock").mkdir(parents=True)
    linked = place / "pgassay-link"
    linked.symlink_to(other)
    (place / "pgassay-file").write_text("mine")
    before = sorted(place.rglob("*"))
    make().close()
    assert sorted(place.rglob("*")) == before


def test_unfinished_folder_is_swept_when_it_is_old(place: Path) -> None:
    young, old = place / "pgassay-young", place / "pgassay-old"
    for folder in (young, old):
        folder.mkdir()
        (folder / "lock.new").touch()
    long_ago = time.time() - 1e4
    os.utime(old, (long_ago, long_ago))
    make().close()
    assert list(place.iterdir()) == [young]


def test_no_place_is_told_with_every_reason(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_folder, "_LONGEST_SOCKET", 20)
    monkeypatch.setattr(run_folder, "_places", lambda: iter((place, place / "absent")))
    with pytest.raises(CannotCheck) as told:
        make()
    assert f"{place} is too long a path for a socket; {place / 'absent'} cannot be written; " in str(told.value)
    assert str(told.value).endswith("set TMPDIR to one that will do")
    monkeypatch.setattr(run_folder, "_ENOUGH_DISK", 1 << 62)
    with pytest.raises(CannotCheck, match="MB free"):
        make()
