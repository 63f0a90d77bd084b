"""A real Prefect server and process worker on loopback, set up from deploy/'s own files."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil  # type: ignore[import-untyped] # it brings no types

DEPLOY = Path(__file__).parents[1] / "deploy"
POOL = "recordkeep"
_PREFECT = str(Path(sys.executable).with_name("prefect"))
_POSTGRES = "/usr/lib/postgresql/15/bin"
HAS_POSTGRES = Path(_POSTGRES, "initdb").exists()


def eventually(holds: Callable[[], object], what: str, *, within_s: float) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: it does not within that time.
    """
    until = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {within_s} s: {what}")
        time.sleep(1)


@dataclass
class Pool:
    """A server's address, and what its worker and its clients are started with."""

    folder: Path
    api: str
    environment: dict[str, str]
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    server: "subprocess.Popen[bytes] | None" = None
    """In a process group of its own."""

    def start_server(self) -> None:
        """Start the server, and wait until it answers."""
        port = str(urlsplit(self.api).port)
        command = [_PREFECT, "server", "start", "--host", "127.0.0.1", "--port", port]
        with (self.folder / "server.log").open("ab") as log:
            self.server = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        eventually(lambda: _answers(self.api), "the server answers", within_s=300)

    def kill_server(self) -> None:
        """Kill the server, if it is there."""
        if self.server is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()
        self.server = None

    def prefect(self, *arguments: str) -> None:
        """Run `prefect …` against the server, from a folder that holds nothing of ours."""
        command = [_PREFECT, "--no-prompt", *arguments]
        with (self.folder / "commands.log").open("ab") as log:
            subprocess.run(
                command, check=True, env=self.environment, cwd=self.folder, stdout=log, stderr=log
            )

    def start_worker(self) -> None:
        """Start a worker in a process group of its own, as its unit does."""
        command = [_PREFECT, "worker", "start", "--pool", POOL, "--type", "process"]
        with (self.folder / "worker.log").open("ab") as log:
            worker = subprocess.Popen(
                command,
                env=self.environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.workers.append(worker)

    def kill_worker(self) -> None:
        """Kill the worker and the flow runs it started, as a machine that loses its power does."""
        worker = self.workers.pop()
        started = psutil.Process(worker.pid).children(recursive=True)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        for each in started:
            with suppress(psutil.NoSuchProcess):
                each.kill()


@contextmanager
def pool(folder: Path, environment: dict[str, str], database: str = "") -> Iterator[Pool]:
    """Start a server, make the work pool; end the server, and the workers that are left."""
    port = _free_port()
    api = f"http://127.0.0.1:{port}/api"
    known = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    own = {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": api,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        "DO_NOT_TRACK": "1",
        **({"PREFECT_SERVER_DATABASE_CONNECTION_URL": database} if database else {}),
    }
    made = Pool(folder, api, {**known, **environment, **own})
    try:
        made.start_server()
        made.prefect("work-pool", "create", POOL, "--type", "process", "--overwrite")
        yield made
    finally:
        while made.workers:
            made.kill_worker()
        made.kill_server()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _answers(api: str) -> bool:
    try:
        return httpx.get(f"{api}/health").is_success
    except httpx.TransportError:
        return False


@dataclass
class Postgres:
    """A PostgreSQL of one's own, on loopback."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        """It, as Prefect is to name it."""
        return f"postgresql+asyncpg://prefect@127.0.0.1:{self.port}/postgres"

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        where = ["-p", str(self.port), "-h", "127.0.0.1"]
        run = [*_become(), f"{_POSTGRES}/postgres", "-D", self.data, "-k", str(self.folder), *where]
        self.process = subprocess.Popen(run, stderr=subprocess.DEVNULL, cwd=self.folder)
        ready = [f"{_POSTGRES}/pg_isready", "-h", "127.0.0.1", "-p", str(self.port), "-q"]
        eventually(
            lambda: subprocess.run(ready, check=False).returncode == 0,
            "PostgreSQL answers",
            within_s=180,
        )

    def stop(self) -> None:
        """End it and the connections to it; what it keeps stays."""
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()
            self.process = None


def _become() -> list[str]:
    """It refuses to be run by root, and may then not read what is root's."""
    who = ["--reuid=postgres", "--regid=postgres", "--init-groups"]
    return ["setpriv", *who] if os.getuid() == 0 else []


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Start an empty PostgreSQL; end it."""
    folder = Path(tempfile.mkdtemp(prefix="recordkeep-postgres-"))
    made = Postgres(folder, _free_port())
    if _become():
        shutil.chown(folder, "postgres")
    settings = ["-U", "prefect", "--auth=trust", "--no-sync"]
    make = [*_become(), f"{_POSTGRES}/initdb", "-D", made.data, *settings]
    subprocess.run(make, check=True, capture_output=True, cwd=folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder)
