"""Stores to test on: a folder, moto, and a real S3 server; fixtures for `conftest`.

The real one is Ceph's gateway from Debian's packages, started and stopped by `tests/s3_server`.
Without the packages its tests are skipped; with RECORDKEEP_NO_SKIPS set they fail instead.
"""

import os
import shutil
import socket
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import boto3
import pytest
from moto.server import ThreadedMotoServer

from storage.directory import Directory
from storage.objects import Body, Entry, Objects
from storage.s3 import S3
from storage.s3_client import Limits

KINDS = ("directory", "moto", pytest.param("ceph", marks=pytest.mark.slow))
"""Of stores, for parametrizing."""
S3_KINDS = KINDS[1:]

_SCRIPT = Path(__file__).with_name("s3_server")
_PROGRAMS = ("radosgw", "ceph-mon", "ceph-osd", "radosgw-admin")
BUCKET = "recordkeep-tests"

NewStore = Callable[[str], Objects]
"""Makes an empty store of a kind."""


def skip(reason: str) -> None:
    """Skip a test whose optional part is not here; fail where nothing may be skipped."""
    if os.environ.get("RECORDKEEP_NO_SKIPS"):
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass(frozen=True)
class Server:
    """An S3 server on loopback."""

    endpoint: str
    access: str
    secret: str
    folder: Path | None = None
    """Where a real one keeps its set-up."""

    def select(self, monkeypatch: pytest.MonkeyPatch, endpoint: str = "") -> None:
        """Point boto3's environment at it, or at a proxy before it."""
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint or self.endpoint)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", self.access)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", self.secret)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    def client(self, access: str = "", secret: str = "") -> Any:
        """A plain client, for what the code under test may not do."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=access or self.access,
            aws_secret_access_key=secret or self.secret,
            region_name="us-east-1",
        )

    def make_bucket(self, name: str, *, versioned: bool = True, lock: bool = False) -> None:
        client = self.client()
        client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)
        if versioned:
            status = {"Status": "Enabled"}
            client.put_bucket_versioning(Bucket=name, VersioningConfiguration=status)

    def administer(self, *arguments: str) -> str:
        """Run `radosgw-admin` at a real server."""
        conf, ring = f"{self.folder}/ceph.conf", f"{self.folder}/keyring"
        command = ["radosgw-admin", "-c", conf, "-k", ring, "-n", "client.rgw.a", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session")
def moto() -> Iterator[Server]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    made = Server(f"http://{host}:{port}", "testkey", "testsecret")
    made.make_bucket(BUCKET)
    yield made
    server.stop()


@pytest.fixture(scope="session")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not all(map(shutil.which, _PROGRAMS)):
        skip(f"no real S3 server here: run `tests/{_SCRIPT.name} install`")
    folder = tmp_path_factory.mktemp("ceph")
    port = _free_ports()
    try:
        subprocess.run([_SCRIPT, "start", folder, str(port)], check=True, capture_output=True)
        made = Server(f"http://127.0.0.1:{port}", "testkey", "testsecret", folder)
        made.make_bucket(BUCKET)
        yield made
    finally:
        subprocess.run([_SCRIPT, "stop", folder], check=True)


@pytest.fixture
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The S3 server of the kind that a test is parametrized with, selected."""
    made: Server = request.getfixturevalue(request.param)
    made.select(monkeypatch)
    return made


@pytest.fixture
def new_store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> NewStore:
    def make(kind: str) -> Objects:
        name = uuid.uuid4().hex
        if kind == "directory":
            return Directory(tmp_path / name)
        server: Server = request.getfixturevalue(kind)
        server.select(monkeypatch)
        store = S3(BUCKET, name, limits=Limits(attempts=3, connect_s=5, read_s=20))
        assert store.set_up.client, "connects while the environment points there"
        return store

    return make


@pytest.fixture(params=KINDS)
def objects(request: pytest.FixtureRequest, new_store: NewStore) -> Objects:
    """An empty store of every kind: what the contract holds for."""
    return new_store(request.param)


def _free_ports() -> int:
    """Find a free port whose next one, which the server takes too, is free as well."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


@dataclass
class Counted:
    """A store that counts what it is asked; a listing counts once for each 1,000 entries told."""

    objects: Objects
    reads: list[str] = field(default_factory=list)
    """What `get`, `open` and `find` were asked for."""
    lists: list[str] = field(default_factory=list)
    """What `list` and `versions` were asked for."""
    writes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.objects.name

    def forget(self) -> None:
        """Count from nought again."""
        for asked in (self.reads, self.lists, self.writes):
            asked.clear()

    def put(self, key: str, body: Body, *, sha256: str) -> str | None:
        self.writes.append(key)
        return self.objects.put(key, body, sha256=sha256)

    def delete(self, key: str) -> None:
        self.writes.append(key)
        self.objects.delete(key)

    def get(self, key: str, *, version_id: str | None = None) -> bytes:
        self.reads.append(key)
        return self.objects.get(key, version_id=version_id)

    def open(self, key: str, *, version_id: str | None = None) -> AbstractContextManager[BinaryIO]:
        self.reads.append(key)
        return self.objects.open(key, version_id=version_id)

    def find(self, key: str, *, version_id: str | None = None) -> Entry | None:
        self.reads.append(key)
        return self.objects.find(key, version_id=version_id)

    def list(self, prefix: str, *, after: str = "") -> Iterator[Entry]:
        return self._told(prefix, self.objects.list(prefix, after=after))

    def versions(self, prefix: str) -> Iterator[Entry]:
        return self._told(prefix, self.objects.versions(prefix))

    def _told(self, prefix: str, entries: Iterator[Entry]) -> Iterator[Entry]:
        self.lists.append(prefix)
        for number, entry in enumerate(entries):
            if number and number % 1000 == 0:
                self.lists.append(prefix)
            yield entry
