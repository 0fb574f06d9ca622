"""An image's server in a container of its own: made, started, watched, taken away.

The container lives as long as a connection of ours to the daemon, which is its standard input. When that closes, and it
does in whatever way this process ends, a watcher inside kills the server and the daemon removes the container. What can
still stay behind is an empty network and a container that never started; the next run removes those by their label.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from pgassay.errors import CannotCheck
from pgassay.postgres.limits import DEFAULT, Limits
from pgassay.postgres.warden_link import Ended

LABEL = "pgassay.started"
PORT = "5432/tcp"
LOOPBACK = "127.0.0.1"

MEMORY = 1 << 30
"""Bytes for all processes together, with no swap. What lies in the data directory comes on top of that."""

PROCESSES = 256

_DATA_FOLDER = "/var/lib/postgresql/data"
_ABANDONED_AFTER = 600.0
_UNTIL_REMOVED = 10.0
_TAIL = 8192

# Descriptor 3 is the connection to us. The server gets no standard input, and the shell ends when the server does.
_GUARD = """
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
{ cat <&3 >/dev/null; kill -9 "$server"; } 2>/dev/null &
exec 3<&-
wait "$server"
"""

# What entrypoints need to hand the data directory over and to become another user, and KILL for the guard.
_CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID")

# Published ports work on such a network, but nothing from outside finds its way back.
_NO_WAY_OUT = {
    "com.docker.network.bridge.enable_ip_masquerade": "false",
    "com.docker.network.bridge.enable_icc": "false",
}


class DockerServer:
    """Made means that the daemon answers and the image is there; `close` takes everything away, started or not.

    `serving` is for the caller to set, once PostgreSQL has answered.
    """

    serving = False

    def __init__(self, image: str, limits: Limits = DEFAULT) -> None:
        self._image = image
        self._limits = limits
        self._client = _connect()
        self._network: Any = None
        self._container: Any = None
        self._line: Any = None
        self._output = b""
        self._over = threading.Event()
        self._stopped: str | None = None
        self._timer = threading.Timer(limits.run, self.stop, [_too_long(image, limits)])
        self._timer.daemon = True
        try:
            with _told("the Docker daemon fails"):
                self._sweep()
                self._config = self._find_image()
        except BaseException:
            self.close()
            raise

    def start(self, environment: Mapping[str, str], arguments: Sequence[str]) -> None:
        """Start the image's own entrypoint with its own command and `arguments`. Raises CannotCheck."""
        theirs = dict(each.split("=", 1) for each in self._config.get("Env") or () if "=" in each)
        command = [*(self._config.get("Entrypoint") or ()), *(self._config.get("Cmd") or ("postgres",)), *arguments]
        initdb = f"{theirs.get('POSTGRES_INITDB_ARGS', '')} --no-sync --auth-host=scram-sha-256".strip()
        label = {LABEL: str(int(time.time()))}
        with _told(f"the container of {self._image} cannot be started"):
            self._network = self._client.client.networks.create(
                f"pgassay-{time.time_ns():x}", options=_NO_WAY_OUT, labels=label
            )
            self._container = self._client.create(
                self._image,
                entrypoint=["sh", "-c", _GUARD, "pgassay", *command],
                environment={**environment, "POSTGRES_INITDB_ARGS": initdb},
                labels=label,
                ports={PORT: (LOOPBACK,)},
                network=self._network.name,
                dns=[LOOPBACK],
                stdin_open=True,
                auto_remove=True,
                mem_limit=MEMORY + self._limits.disk,
                memswap_limit=MEMORY + self._limits.disk,
                pids_limit=PROCESSES,
                cap_drop=["ALL"],
                cap_add=list(_CAPABILITIES),
                security_opt=["no-new-privileges"],
                tmpfs={theirs.get("PGDATA", _DATA_FOLDER): self._mount_options},
            )
            # Before it starts, so that it never runs unwatched.
            stream = self._client.client.api.attach_socket(
                self._container.id, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            )
            self._line = getattr(stream, "_sock", stream)
            threading.Thread(target=self._listen, args=[stream], name="pgassay-container", daemon=True).start()
            self._client.start(self._container)
        self._timer.start()

    def port(self) -> int:
        """The port on this machine's loopback. Raises CannotCheck when the container has ended by now."""
        with _told(f"the container of {self._image} is gone"):
            published = self._client.client.api.port(self._container.id, PORT)
        if not published:
            raise self.ended(1.0) or CannotCheck(f"Docker publishes no port for {self._image}; run pgassay again")
        return int(published[0]["HostPort"])

    def ended(self, timeout: float = 0.0) -> CannotCheck | None:
        """What to say of a container that is no more, None while it runs. Waits `timeout` seconds for it to end."""
        if self._stopped:
            return CannotCheck(self._stopped)
        if not self._over.wait(timeout):
            return None
        if b"No space left on device" in self._output:
            size = f"{self._limits.disk / (1 << 30):.2g} GB"
            return CannotCheck(f"{self._image} ended when it had filled {size}; write less in one migration")
        known = "run pgassay again, and report it if it ends again"
        return CannotCheck(
            f"the container of {self._image} ended, its last words: {self.last_words}; "
            f"{known if self.serving else 'see that it is a PostgreSQL image, and run pgassay again'}"
        )

    @property
    def last_words(self) -> str:
        return Ended(0, self._output.decode(errors="replace")).last_words

    @property
    def _mount_options(self) -> str:
        """A data directory in memory is gone with the container, and full when it is full."""
        return f"size={self._limits.disk},mode=0700,nosuid,nodev,noexec"

    def stop(self, why: str) -> None:
        """End a server that does not listen any more. `why` is what `ended` says of it from here on."""
        self._stopped = why
        self._hang_up()

    def close(self) -> None:
        import docker.errors
        import requests.exceptions

        failures = (docker.errors.DockerException, requests.exceptions.RequestException, OSError)
        self._timer.cancel()
        try:
            self._hang_up()
            if self._container:
                with suppress(*failures):
                    self._container.remove(force=True, v=True)
            deadline = time.monotonic() + _UNTIL_REMOVED
            while self._network and time.monotonic() < deadline:
                # Refused as long as the container is not quite gone.
                try:
                    self._network.remove()
                    self._network = None
                except docker.errors.NotFound:
                    self._network = None
                except failures:
                    time.sleep(0.02)
        finally:
            with suppress(*failures):
                self._client.client.close()

    def _hang_up(self) -> None:
        if self._line:
            # Not closed: the listener is still reading.
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)

    def _listen(self, stream: Any) -> None:
        """Keep the end of what the container says. The stream ends with the container."""
        from docker.utils.socket import frames_iter

        try:
            with suppress(OSError, ValueError):
                for _, data in frames_iter(stream, False):
                    self._output = (self._output + data)[-_TAIL:]
        finally:
            self._over.set()
            # The socket belongs to docker's response.
            stream._response.close()

    def _find_image(self) -> dict[str, Any]:
        import docker.errors

        images = self._client.client.images
        try:
            try:
                found = images.get(self._image)
            except docker.errors.ImageNotFound:
                found = images.pull(self._image)
        except docker.errors.APIError as error:
            raise CannotCheck(
                f"the image {self._image} is not on this machine and cannot be pulled: {_words(error)}; "
                f"check its name in `postgres`, or try `docker pull {self._image}`"
            ) from None
        return dict(found.attrs.get("Config") or {})

    def _sweep(self) -> None:
        """Remove what killed runs have left: old, ours by label, and not running."""
        import docker.errors

        client = self._client.client
        for container in client.containers.list(
            all=True, ignore_removed=True, filters={"label": LABEL, "status": ["created", "exited", "dead"]}
        ):
            if _is_old(container.labels):
                with suppress(docker.errors.APIError):
                    container.remove(force=True, v=True)
        for network in client.networks.list(filters={"label": LABEL}):
            if _is_old(network.attrs.get("Labels") or {}):
                # Refused when a container is on it.
                with suppress(docker.errors.APIError):
                    network.remove()


def _connect() -> Any:
    """testcontainers' client, which knows Docker's contexts and variables. Raises CannotCheck."""
    try:
        from testcontainers.core.docker_client import DockerClient
    except ImportError:
        raise CannotCheck(
            'postgres = "container:..." needs a package that is not installed; run pip install "pgassay[container]"'
        ) from None
    import docker.errors
    import requests.exceptions

    try:
        client = DockerClient()
        client.client.ping()
    except (docker.errors.DockerException, requests.exceptions.RequestException, OSError) as error:
        raise CannotCheck(
            f"no Docker daemon answers: {_words(error)}; start one, or set DOCKER_HOST to where it listens"
        ) from None
    if (host := client.host()) not in ("localhost", LOOPBACK, "::1"):
        client.client.close()
        raise CannotCheck(
            f"the Docker daemon is on {host}, and pgassay reaches containers over this machine's loopback only; "
            'run pgassay there, or start the server yourself and name it with postgres = "url:..."'
        )
    return client


@contextmanager
def _told(what: str) -> Iterator[None]:
    import docker.errors
    import requests.exceptions

    try:
        yield
    except (docker.errors.DockerException, requests.exceptions.RequestException, OSError) as error:
        raise CannotCheck(f"{what}: {_words(error)}; set that right and run pgassay again") from None


def _too_long(image: str, limits: Limits) -> str:
    return f"stopped {image} because the run had not ended after {limits.run:g} s; see what takes so long"


def _words(error: Exception) -> str:
    """The daemon's own words where there are any."""
    return " ".join(str(getattr(error, "explanation", None) or error).split())


def _is_old(labels: Mapping[str, str]) -> bool:
    started = labels.get(LABEL, "")
    return started.isdigit() and time.time() - int(started) > _ABANDONED_AFTER
