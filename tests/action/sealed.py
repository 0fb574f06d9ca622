"""A network with nothing on it but a port of ours: what a container may reach when it may reach nothing else."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

_RELAY = """
import asyncio, sys

async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()

async def serve(reader, writer):
    inner, outer = await asyncio.open_unix_connection("/relay/socket")
    await asyncio.gather(pump(reader, outer), pump(inner, writer))

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    print("ready", flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


class Sealed:
    """`--network container:NAME` with this name, inside the block: a loopback on which only `port` of ours answers.

    A unix socket in a shared folder leads out, so that neither side needs a network or rights for one.
    """

    def __init__(self, image: str, port: int) -> None:
        self._image = image
        self._port = port

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="relay-")
        path = Path(self._folder.name, "socket")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        path.chmod(0o666)
        Path(self._folder.name).chmod(0o755)
        self._listener.listen(64)
        Thread(target=self._accept, daemon=True).start()
        options = ["--rm", "--network", "none", "--volume", f"{self._folder.name}:/relay"]
        command = ["--entrypoint", "/usr/bin/python3", self._image, "-I", "-c", _RELAY, str(self._port)]
        self.name = docker("run", "--detach", *options, *command).strip()
        deadline = time.monotonic() + 30
        while "ready" not in docker("logs", self.name):
            assert time.monotonic() < deadline, "the relay does not start"
            time.sleep(0.02)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        docker("kill", self.name)
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._folder.cleanup()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                inner, _ = self._listener.accept()
                outer = socket.create_connection(("127.0.0.1", self._port))
                Thread(target=_exchange, args=(inner, outer), daemon=True).start()


def _exchange(inner: socket.socket, outer: socket.socket) -> None:
    with inner, outer:
        back = Thread(target=_pump, args=(outer, inner), daemon=True)
        back.start()
        _pump(inner, outer)
        back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def docker(*arguments: str) -> str:
    """What a docker command prints, which has to succeed."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"docker {arguments[0]}: {done.stderr}"
    return done.stdout
