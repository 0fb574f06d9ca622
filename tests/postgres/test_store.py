"""Data directories kept between runs: copied whole or not at all, and made again when anything is wrong with them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pgassay.postgres.embedded import Embedded
from pgassay.postgres.store import VARIABLE, Store
from pgassay.replay.bench import Bench, template
from pgassay.replay.stock import stock

TEXTS = {"PG_VERSION": "18\n", "base/1/1259": "x" * 10_000, "base/1/empty": "", "global/pg_control": "\0\1\2"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return _write(tmp_path / "data", {**TEXTS, "postmaster.pid": "1"})


def _write(folder: Path, texts: dict[str, str]) -> Path:
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (folder / "pg_notify").mkdir()
    return folder


def _texts(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_what_is_kept_comes_back_with_its_note(store: Store, data: Path, tmp_path: Path) -> None:
    assert store.save("key", data, "note")
    assert store.restore("key", tmp_path / "back") == "note"
    assert _texts(tmp_path / "back") == TEXTS
    assert (tmp_path / "back" / "pg_notify").is_dir()
    assert (tmp_path / "back").stat().st_mode & 0o777 == 0o700


def test_what_is_not_there(store: Store, tmp_path: Path) -> None:
    assert store.restore("key", tmp_path / "back") is None
    assert not (tmp_path / "back").exists()


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _as_link(path: Path) -> None:
    copy = path.with_suffix(".copy")
    path.rename(copy)
    path.symlink_to(copy)


DAMAGE: dict[str, tuple[str, Callable[[Path], object]]] = {
    "a byte of a file": ("data/base/1/1259", _flip),
    "a file cut short": ("data/base/1/1259", lambda path: os.truncate(path, 5)),
    "a file gone": ("data/PG_VERSION", Path.unlink),
    "a file that is a link": ("data/PG_VERSION", _as_link),
    "a byte of the manifest": ("manifest.json", _flip),
    "no manifest": ("manifest.json", Path.unlink),
    "an empty manifest": ("manifest.json", lambda path: path.write_bytes(b"")),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_damaged_is_removed_and_not_used(store: Store, data: Path, tmp_path: Path, damage: str) -> None:
    assert store.save("key", data)
    path, harm = DAMAGE[damage]
    harm(tmp_path / "store" / "key" / path)
    assert store.restore("key", tmp_path / "back") is None
    assert not (tmp_path / "back").exists()
    assert _names(tmp_path / "store") == []
    assert store.save("key", data)
    assert store.restore("key", tmp_path / "back") == ""


def test_an_entry_under_another_name_is_not_used(store: Store, data: Path, tmp_path: Path) -> None:
    assert store.save("key", data)
    (tmp_path / "store" / "key").rename(tmp_path / "store" / "other")
    assert store.restore("other", tmp_path / "back") is None


def test_two_runs_that_keep_the_same_at_once(store: Store, data: Path, tmp_path: Path) -> None:
    together = threading.Barrier(4)

    def save() -> None:
        together.wait()
        assert store.save("key", data)

    threads = [threading.Thread(target=save) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _names(tmp_path / "store") == ["key"]
    assert store.restore("key", tmp_path / "back") == ""
    assert _texts(tmp_path / "back") == TEXTS


def test_a_folder_that_cannot_be_written_is_as_good_as_none(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file")
    assert not store.save("key", data)
    assert store.restore("key", tmp_path / "back") is None


def test_a_store_that_is_only_read_stays_as_it_is(store: Store, data: Path, tmp_path: Path) -> None:
    store.save("key", data, "note")
    store.save("damaged", data)
    (tmp_path / "store" / "damaged" / "data" / "PG_VERSION").write_text("17\n")
    before = {path: path.lstat().st_mtime_ns for path in (tmp_path / "store").rglob("*")}
    read_only = Store(tmp_path / "store", read_only=True)
    assert read_only.restore("key", tmp_path / "back") == "note"
    assert read_only.restore("damaged", tmp_path / "again") is None
    assert not (tmp_path / "again").exists()
    assert not read_only.save("other", data)
    assert {path: path.lstat().st_mtime_ns for path in (tmp_path / "store").rglob("*")} == before


def test_a_server_starts_from_a_store_that_somebody_else_has_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(tmp_path / "stock")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "stock"))
    before = _names(tmp_path / "stock")
    for wanted in (template("postgres"), template("supabase"), template("supabase", "none")):
        with Embedded(template=wanted, store=Store.of_user(), base="a base") as server:
            assert server.info.prepared == (wanted.database,)
            server.keep("of this run")
    assert _names(tmp_path / "stock") == before


def test_what_was_used_last_stays(data: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store", most_bytes=35_000)
    for n, key in enumerate(("old", "used", "new")):
        assert store.save(key, data)
        os.utime(tmp_path / "store" / key, (n, n))
    assert store.restore("old", tmp_path / "back") == ""
    assert store.save("newest", data)
    assert _names(tmp_path / "store") == ["new", "newest", "old"]


class TestServer:
    def test_the_second_run_finds_the_environment_ready(self, store: Store, tmp_path: Path) -> None:
        wanted = template("supabase")
        for run in ("first", "second"):
            with Embedded(template=wanted, store=store) as server:
                assert server.info.prepared == (wanted.database,)
                assert Bench(server).environment("supabase") == wanted.database
                with Bench(server).clone("mine", wanted.database), server.connect("mine") as session:
                    assert session.rows("select to_regclass('auth.users') is not null") == [(True,)]
                    assert session.run("create table t (id int); create role r").error is None
            assert len(_names(tmp_path / "store")) == 1, run

    def test_a_damaged_one_is_made_again(self, store: Store, tmp_path: Path) -> None:
        wanted = template("postgres")
        with Embedded(template=wanted, store=store):
            pass
        [entry] = (tmp_path / "store").iterdir()
        _flip(entry / "data" / "global" / "pg_control")
        with Embedded(template=wanted, store=store) as server:
            assert Bench(server).environment("postgres") == wanted.database
        assert _names(tmp_path / "store") == [entry.name]

    def test_another_environment_is_another_entry(self, store: Store, tmp_path: Path) -> None:
        for name in ("postgres", "supabase"):
            with Embedded(template=template(name), store=store) as server:
                assert server.info.prepared == (template(name).database,)
        assert len(_names(tmp_path / "store")) == 2
