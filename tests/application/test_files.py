"""Which files are read, and what becomes of those that cannot be."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pgassay.application import scan as scanning
from pgassay.application.cache import Cache
from pgassay.application.files import Place, added_lines, is_code, is_test
from pgassay.application.helper import TOO_MUCH
from pgassay.application.scan import scan

SPEAKS = "supabase.from('books').select('id');\n"


@pytest.mark.parametrize(
    "path", ["a.ts", "app/b.tsx", "supabase/functions/c/index.ts", "d.mjs", "e.py", "f.vue", "out.ts"]
)
def test_code(path: str) -> None:
    assert is_code(path)


@pytest.mark.parametrize(
    "path",
    ["node_modules/a.ts", "x/dist/a.js", ".next/a.js", "a.min.js", "a.css", "a.sql", "venv/b.py", "a/.cache/b.ts"],
)
def test_no_code(path: str) -> None:
    assert not is_code(path)


@pytest.mark.parametrize(
    "path", ["a.test.ts", "a.spec.tsx", "tests/a.py", "src/__tests__/b.ts", "test_a.py", "e2e/a.ts"]
)
def test_tests(path: str) -> None:
    assert is_test(path)


def test_added_lines() -> None:
    assert added_lines(b"a\nb\nc\n", b"a\nx\nb\nc\ny\n") == {2, 5}
    assert added_lines(b"a\n", b"a\n") == frozenset()


def test_whatever_lies_there(tmp_path: Path) -> None:
    (tmp_path / "good.ts").write_text(SPEAKS)
    (tmp_path / "huge.ts").write_text(SPEAKS.strip() * 300_000)
    (tmp_path / "utf16.ts").write_text(SPEAKS, encoding="utf-16")
    (tmp_path / "latin.ts").write_bytes(b"// caf\xe9\n" + SPEAKS.encode())
    (tmp_path / "broken.ts").write_text("}}} ((( " + SPEAKS)
    (tmp_path / "nul.py").write_bytes(b"\0\0\0" + b"x.table('a').select('b')")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "link.ts").symlink_to(tmp_path / "good.ts")
    (tmp_path / "round.ts").symlink_to(tmp_path / "round.ts")
    (tmp_path / "folder.ts").mkdir()
    os.mkfifo(tmp_path / "pipe.ts")
    scanned = scan(Place(tmp_path, None, True).find())
    assert {usage.location.path for usage in scanned.usages} >= {"good.ts", "utf16.ts", "latin.ts", "broken.ts"}
    assert {path for path, _ in scanned.problems} == {"huge.ts", "pipe.ts"}
    assert all(note.what and note.why for note in scanned.notes())


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_text(SPEAKS)
    (tmp_path / "a.ts").chmod(0)
    assert scan(Place(tmp_path, None, True).find()).problems == (("a.ts", "cannot be read: Permission denied"),)


def test_a_file_that_goes_away(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_text(SPEAKS)
    code = Place(tmp_path, None, True).find()
    (tmp_path / "a.ts").unlink()
    assert scan(code).problems == (("a.ts", "cannot be read: No such file or directory"),)


def test_what_the_compiler_made(tmp_path: Path) -> None:
    for name in ("a.ts", "a.js", "b.js"):
        (tmp_path / name).write_text(SPEAKS)
    assert Place(tmp_path, None, True).find().paths == ("a.ts", "b.js")


def test_named_folders_hold_tests_too(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "a.ts").write_text(SPEAKS)
    (tmp_path / "b.ts").write_text(SPEAKS)
    assert Place(tmp_path, None, True).find().paths == ("b.ts",)
    assert Place(tmp_path, None, True, ("tests",)).find().paths == ("tests/a.ts",)


def test_what_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_text(SPEAKS)
    code = Place(tmp_path, None, True).find()
    results = []
    for _ in range(2):
        cache = Cache(tmp_path / "kept" / "x.sqlite")
        results.append(scan(code, cache))
        cache.close()
    assert results[0] == results[1]
    (tmp_path / "b.ts").write_text(SPEAKS)
    cache = Cache(tmp_path / "kept" / "x.sqlite")
    found = scan(Place(tmp_path, None, True).find(), cache)
    assert {usage.location.path for usage in found.usages} == {"a.ts", "b.ts"}
    cache.close()


def test_a_damaged_cache_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pgassay").mkdir()
    (tmp_path / "pgassay" / "application.sqlite").write_bytes(b"no database" * 1000)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert Cache.of_user() is None


def test_helpers_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(10):
        (tmp_path / f"{n}.ts").write_text(SPEAKS * (n + 1))
    code = Place(tmp_path, None, True).find()
    alone = scan(code)
    monkeypatch.setattr(scanning, "_WORTH_A_PROCESS", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert scan(code) == alone


def test_what_no_parser_gets_to_the_end_of(tmp_path: Path) -> None:
    """Kilobytes that take gigabytes: the file is named, and the others are read."""
    (tmp_path / "a.ts").write_text(SPEAKS)
    (tmp_path / "c.ts").write_text(SPEAKS)
    (tmp_path / "b.ts").write_text(SPEAKS + "a<b<c,\n" * 50_000)
    scanned = scan(Place(tmp_path, None, True).find())
    assert {usage.location.path for usage in scanned.usages} == {"a.ts", "c.ts"}
    assert scanned.problems == (("b.ts", TOO_MUCH),)


def test_lines_of_a_change(tmp_path: Path) -> None:
    from pgassay.history import find_base

    git = ("git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.invalid")
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    (tmp_path / "a.ts").write_text(SPEAKS)
    (tmp_path / "b.ts").write_text(SPEAKS)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "a"], check=True)
    subprocess.run([*git, "switch", "--quiet", "--create", "change"], check=True)
    (tmp_path / "a.ts").write_text(SPEAKS * 2)
    (tmp_path / "c.ts").write_text(SPEAKS)
    code = Place(tmp_path, find_base(tmp_path), False).find()
    assert code.paths == ("a.ts", "b.ts", "c.ts")
    assert code.changed == {"a.ts", "c.ts"}
    one, two = range(1, 2), range(2, 3)
    assert [code.is_new("a.ts", one), code.is_new("a.ts", two), code.is_new("b.ts", one), code.is_new("c.ts", one)] == [
        False,
        True,
        False,
        True,
    ]


def test_the_parsers_wait_until_there_is_code() -> None:
    """`pgassay lint` starts no slower for them."""
    import sys

    program = "import sys, pgassay.pipeline; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"tree_sitter", "sqlglot", "sqlite3"}.intersection(loaded)
