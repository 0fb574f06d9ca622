from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pgassay.postgres import binaries, landlock, sandbox
from pgassay.postgres.embedded import Embedded

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no sandbox elsewhere")


def test_only_the_server_itself_can_be_executed() -> None:
    programs = binaries.find()
    paths = sandbox.plan(programs, Path("/run/own"))
    assert paths
    assert set(paths) <= set(landlock.RIGHTS)
    assert paths["execute"][0] == str(programs.postgres)
    assert all(Path(path).is_file() and ".so" in path for path in paths["execute"][1:])
    assert list(paths["write"]) == ["/run/own", "/dev/null"]


def test_only_libraries_and_what_is_shared_can_be_read() -> None:
    paths = sandbox.plan(binaries.find(), Path("/run/own"))
    assert paths
    readable = [Path(path) for path in paths["read"]]
    assert not [path for path in readable if path.name == "bin" or (path / "bin").exists()]
    for secret in (
        Path.home(),
        Path.cwd(),
        Path("/etc/passwd"),
        Path("/proc/self/environ"),
        Path("/tmp"),
        Path("/root"),
    ):
        assert not [path for path in readable if secret.is_relative_to(path)]


@pytest.mark.parametrize("prefix", ["/usr", "/usr/local"])
def test_an_installation_among_everything_else_does_not_open_everything_else(
    prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries.Binaries, "prefix", Path(prefix))
    paths = sandbox.plan(binaries.find(), Path("/run/own"))
    assert paths
    assert prefix not in paths["read"]
    assert f"{prefix}/share" not in paths["read"]


def test_a_server_tells_whether_it_is_confined(server: Embedded) -> None:
    notes = [each.what for each in server.info.limits]
    assert bool(server.info.unconfined) == ("the sandbox around the throwaway server" in notes)
    if not reason_without_landlock():
        assert server.info.unconfined is None
    else:
        assert reason_without_landlock() in (server.info.unconfined or "")


def reason_without_landlock() -> str:
    try:
        landlock.abi()
    except landlock.Missing as reason:
        return str(reason)
    return ""
