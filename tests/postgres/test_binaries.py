from pathlib import Path

import pytest

from pgassay.errors import CannotCheck
from pgassay.postgres import binaries


def install(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    for program in ("postgres", "initdb"):
        (folder / program).write_text(f"#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n")
        (folder / program).chmod(0o755)
    return folder


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty machine: `lib` is where its packages go, `path` is its PATH."""
    monkeypatch.delenv(binaries.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(binaries, "_INSTALLATIONS", ((str(tmp_path / "lib/postgresql"), "*/bin"),))
    return tmp_path


def package(machine: Path, version: str) -> Path:
    return install(machine / "lib/postgresql" / version.split(".")[0] / "bin", version)


@pytest.mark.usefixtures("machine")
def test_finds_the_bundled_one_on_a_bare_machine() -> None:
    found = binaries.find()
    assert found.origin == "bundled"
    assert found.version.startswith(f"{found.major}.")
    assert found.initdb.is_file()
    assert found.postgres.is_file()


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(("wanted", "major"), [(None, 18), (15, 16), (16, 16), (17, 18), (18, 18), (19, 18)])
def test_bundled_major_is_the_nearest_that_is_not_below(wanted: int | None, major: int) -> None:
    assert binaries.find(wanted).major == major


@pytest.mark.parametrize(("wanted", "version"), [(None, "18.1"), (16, "16.9"), (17, "17.4"), (19, "18.1")])
def test_installed_one_wins_by_wanted_major_then_by_height(machine: Path, wanted: int | None, version: str) -> None:
    for each in ("15.20", "16.9", "17.4", "18.1"):
        package(machine, each)
    found = binaries.find(wanted)
    assert (found.version, found.origin) == (version, "system")


def test_installed_one_before_16_is_passed_over(machine: Path) -> None:
    package(machine, "15.20")
    assert binaries.find(15).origin == "bundled"


def test_installed_one_that_does_not_start_is_passed_over(machine: Path) -> None:
    (package(machine, "18.1") / "postgres").write_text("#!/bin/sh\nexit 1\n")
    package(machine, "17.4 (Debian 17.4-1)")
    found = binaries.find()
    assert (found.version, found.major) == ("17.4", 17)


def test_server_without_initdb_is_passed_over(machine: Path) -> None:
    (package(machine, "17.4") / "initdb").unlink()
    assert binaries.find().origin == "bundled"


def test_path_is_searched_through_links(machine: Path) -> None:
    folder = install(machine / "opt/pg/bin", "17rc1")
    (machine / "path").mkdir()
    (machine / "path/pg_config").symlink_to(folder / "pg_config")
    (folder / "pg_config").write_text("#!/bin/sh\n")
    (folder / "pg_config").chmod(0o755)
    found = binaries.find()
    assert (found.bin, found.version, found.major) == (folder, "17rc1", 17)


def test_libraries_beside_the_programs_are_given_when_needed(machine: Path) -> None:
    folder = package(machine, "17.4")
    (folder / "postgres").write_text('#!/bin/sh\n[ "$LD_LIBRARY_PATH" ] && echo "postgres (PostgreSQL) 17.4"\n')
    assert binaries.find().environment == {"LD_LIBRARY_PATH": str(folder.parent / "lib")}


def test_variable_comes_first(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(machine, "18.1")
    monkeypatch.setenv(binaries.VARIABLE, str(install(machine / "mine", "16.2")))
    assert binaries.find(18).version == "16.2"


@pytest.mark.parametrize(
    ("version", "words"), [(None, "no postgres in it"), ("15.1", "PostgreSQL 15.1, but"), ("x", "does not start")]
)
def test_variable_that_cannot_be_used(
    machine: Path, monkeypatch: pytest.MonkeyPatch, version: str | None, words: str
) -> None:
    folder = machine / "mine"
    if version:
        install(folder, version)
    monkeypatch.setenv(binaries.VARIABLE, str(folder))
    with pytest.raises(CannotCheck, match=words) as refused:
        binaries.find()
    assert str(folder) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.exit_code == 3


@pytest.mark.usefixtures("machine")
def test_nothing_anywhere_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda _: None)
    with pytest.raises(CannotCheck, match=f"no PostgreSQL 16 or newer.*set {binaries.VARIABLE} to"):
        binaries.find()
