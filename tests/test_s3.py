"""What only buckets do: set-up, faults, credentials, locks, links, files in parts."""

import hashlib
import os
import subprocess
import sys
import traceback
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from storage import facts, s3_upload
from storage.catalogue import Catalogue
from storage.errors import FixityError, StoreUnreachableError, UnreadableError
from storage.fixity import strays, verify
from storage.media import media_type
from storage.objects import read_verified
from storage.s3 import S3
from storage.s3_bucket import Retention
from storage.s3_client import Limits, reaching
from storage.stores import open_store
from tests import histories
from tests.fault_proxy import Fault, FaultProxy
from tests.histories import SOURCE
from tests.stores import BUCKET, S3_KINDS, Server
from tests.test_objects import put, sha256

QUICK = Limits(attempts=3, connect_s=2, read_s=1)
SILENCE = pytest.param("silence", marks=pytest.mark.slow)
on_every_server = pytest.mark.parametrize("server", S3_KINDS, indirect=True)
on_a_real_server = pytest.mark.parametrize("server", S3_KINDS[1:], indirect=True)
on_moto = pytest.mark.parametrize("server", ["moto"], indirect=True)


@pytest.fixture
def proxy(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    with FaultProxy(server.endpoint) as made:
        server.select(monkeypatch, made.endpoint)
        yield made


@pytest.fixture
def store(proxy: FaultProxy, request: pytest.FixtureRequest) -> S3:
    """A store behind the proxy, past its first use; impatient where nothing is to be heard."""
    is_silent = "silence" in request.node.callspec.params.values()
    limits = QUICK if is_silent else replace(QUICK, read_s=20)
    made = S3(BUCKET, uuid.uuid4().hex, limits=limits)
    assert made.find("nothing") is None
    proxy.requests.clear()
    return made


def bucket_name() -> str:
    return f"test-{uuid.uuid4().hex}"


@on_every_server
def test_refuses_a_bucket_without_versions(server: Server) -> None:
    name = bucket_name()
    server.make_bucket(name, versioned=False)
    for ask in (lambda s: s.find("a"), lambda s: put(s, "a", b"1"), lambda s: [*s.list("")]):
        with pytest.raises(StoreUnreachableError, match="doctor --fix"):
            ask(S3(name))
    assert server.client().list_objects_v2(Bucket=name)["KeyCount"] == 0
    store = S3(name)
    assert not store.set_up.is_versioned()
    store.set_up.switch_versioning_on()
    assert store.set_up.is_versioned()
    put(store, "a", b"1")


@on_every_server
def test_stores_below_a_prefix_do_not_see_one_another(server: Server) -> None:
    prefix = uuid.uuid4().hex
    one, other = S3(BUCKET, prefix), S3(BUCKET, prefix + "0")
    put(one, "a", b"1")
    assert list(other.list("")) == []
    assert list(other.versions("")) == []
    inner = S3(BUCKET, f"{prefix}/a")
    assert list(inner.list("")) == []
    assert server.client().head_object(Bucket=BUCKET, Key=f"{prefix}/a")["ContentLength"] == 1


@on_every_server
def test_what_consoles_make_to_show_a_folder_is_no_object(server: Server) -> None:
    prefix = uuid.uuid4().hex
    store = S3(BUCKET, prefix)
    histories.fill(store)
    keys, versions = ([*store.list("")], [*store.versions("")])
    for folder in ("", "manifests/", f"captures/{SOURCE}/", f"raw/{SOURCE}/", "runs/"):
        server.client().put_object(Bucket=BUCKET, Key=f"{prefix}/{folder}", Body=b"")
    server.client().delete_object(Bucket=BUCKET, Key=f"{prefix}/runs/")
    assert ([*store.list("")], [*store.versions("")]) == (keys, versions)
    assert facts.sources(store) == Catalogue(store).sources() == [SOURCE]
    assert verify(store, SOURCE).findings + strays(store, {SOURCE}) == []


TOLD = {
    "site/index.html": "text/html; charset=utf-8",
    "site/ice_ddor/feed.xml": "application/atom+xml",
    "site/script.js": "text/javascript; charset=utf-8",
    "site/style.css": "text/css; charset=utf-8",
    "site/icon.svg": "image/svg+xml",
    f"site/ice_ddor/said/{'a' * 64}.txt": "text/plain",
    f"previews/ice_ddor/{'a' * 64}/1.png": "image/png",
    f"raw/ice_ddor/{'a' * 64}.pdf": "application/pdf",
    f"raw/ice_ddor/{'a' * 64}.bin": "application/octet-stream",
    f"pages/ice_ddor/{'a' * 64}.html": "text/plain",
    "manifests/ice_ddor.json": "application/json",
    "datasets/ice_ddor/issued.csv": "text/csv; charset=utf-8",
    "datasets/ice_ddor/CITATION.cff": "text/plain; charset=utf-8",
    "datasets/ice_ddor/a": "application/octet-stream",
}


@pytest.mark.parametrize("prefix", ["", "reading/site/"])
def test_says_what_kind_of_file_it_is_and_that_nothing_of_others_is_a_page(prefix: str) -> None:
    assert {key: media_type(prefix + key) for key in TOLD} == TOLD


@on_every_server
def test_a_bucket_tells_browsers_the_kind(server: Server) -> None:
    prefix = uuid.uuid4().hex
    put(S3(BUCKET, prefix), "site/feed.xml", b"<feed/>")
    held = server.client().get_object(Bucket=BUCKET, Key=f"{prefix}/site/feed.xml")
    assert held["ContentType"] == "application/atom+xml"


@on_every_server
def test_says_so_when_there_is_no_such_bucket(server: Server) -> None:
    with pytest.raises(StoreUnreachableError, match="no such bucket") as caught:
        S3(bucket_name(), limits=QUICK).find("a")
    assert server.secret not in str(caught.value)


@on_a_real_server
@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("AWS_SECRET_ACCESS_KEY", "wrong-secret-0123456789", "does not know these credentials"),
        ("AWS_ACCESS_KEY_ID", "wrong-access-0123456789", "does not know these credentials"),
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9", "does not answer"),
        ("AWS_ENDPOINT_URL_S3", "http://testkey:hunter2@127.0.0.1:9", "credentials in its"),
        ("AWS_ENDPOINT_URL_S3", "nonsense", "no usable endpoint"),
        ("AWS_PROFILE", "not-there", "no credentials"),
    ],
)
def test_says_what_is_wrong_with_the_set_up_and_tells_no_credential(
    server: Server, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(StoreUnreachableError, match=sentence) as caught:
        put(S3(BUCKET, limits=QUICK), "a", b"1")
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    for secret in (server.secret, "wrong-secret", "wrong-access", "hunter2"):
        assert secret not in told


@on_moto
def test_says_so_when_there_are_no_credentials(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(StoreUnreachableError, match="no credentials"):
        S3(BUCKET).find("a")


@on_every_server
@pytest.mark.parametrize("fault", ["500", "503", SILENCE, "reset", "lost"])
def test_tries_again_within_limits(store: S3, proxy: FaultProxy, fault: Fault) -> None:
    proxy.faults.extend([fault, fault])
    put(store, "raw/a", b"body")
    proxy.faults.extend([fault, fault])
    assert store.get("raw/a") == b"body"
    proxy.faults.append(fault)
    assert [entry.key for entry in store.list("")] == ["raw/a"]
    proxy.faults.append(fault)
    assert {entry.key for entry in store.versions("")} == {"raw/a"}
    proxy.faults.append(fault)
    assert store.find("raw/a")


@on_every_server
@pytest.mark.parametrize("fault", ["500", "503", SILENCE, "reset"])
def test_gives_up_with_a_clear_sentence(store: S3, proxy: FaultProxy, fault: Fault) -> None:
    put(store, "a", b"old")
    proxy.requests.clear()
    proxy.always = fault
    sentence = "overloaded or broken" if fault in ("500", "503") else "does not answer"
    with pytest.raises(StoreUnreachableError, match=sentence) as caught:
        put(store, "a", b"new")
    assert caught.value.where == store.name
    assert len(proxy.requests) == QUICK.attempts
    with pytest.raises(StoreUnreachableError, match=sentence):
        store.get("a")
    with pytest.raises(StoreUnreachableError, match=sentence):
        list(store.list(""))
    proxy.always = None
    assert store.get("a") == b"old"
    assert len(list(store.versions(""))) == 1


def test_a_store_that_does_not_know_a_request_is_not_called_overloaded() -> None:
    says = {"ResponseMetadata": {"HTTPStatusCode": 501}, "Error": {"Code": "NotImplemented"}}
    error = ClientError(cast("Any", says), "PutObjectRetention")
    with (
        pytest.raises(StoreUnreachableError, match="does not know PutObjectRetention"),
        reaching("s3://bucket"),
    ):
        raise error


@on_every_server
def test_asks_for_the_rest_of_an_answer_that_was_cut(store: S3, proxy: FaultProxy) -> None:
    body = bytes(range(256)) * 20_000
    put(store, "raw/a", body)
    proxy.on = "GET"
    proxy.faults.extend(["cut", "cut"])
    proxy.requests.clear()
    assert store.get("raw/a") == body
    assert len(proxy.requests) == 3
    proxy.always = "cut"
    with pytest.raises(StoreUnreachableError, match="does not answer"):
        store.get("raw/a")


@on_every_server
def test_what_the_server_breaks_off_each_time_is_that_objects_fault(
    store: S3, proxy: FaultProxy
) -> None:
    """As SeaweedFS does with bytes that rotted on its disk."""
    put(store, "raw/a", b"r")  # of which a half is nothing
    put(store, "raw/b", b"body")
    proxy.on = "/raw/a"
    proxy.faults.extend(["cut"] * QUICK.attempts)
    with pytest.raises(UnreadableError, match="raw/a cannot be read: the disk fails there"):
        store.get("raw/a")
    proxy.always = "cut"
    with pytest.raises(FixityError):
        read_verified(store, "raw/a", sha256(b"r"))
    assert store.get("raw/b") == b"body"


@on_every_server
def test_asks_for_the_rest_of_the_same_version(store: S3, proxy: FaultProxy) -> None:
    old, new = b"o" * 5_000_000, b"n" * 5_000_000
    put(store, "site/a", old)
    proxy.faults.append("cut")
    with store.open("site/a") as file:
        begun = file.read(1_000)
        put(store, "site/a", new)
        assert begun + file.read() == old


@on_every_server
def test_a_file_in_parts_survives_faults_and_is_whole_or_not_there(
    store: S3, proxy: FaultProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_upload, "_WHOLE_BYTES", 1 << 20)
    monkeypatch.setattr(s3_upload, "_PART_BYTES", 5 << 20)
    file = tmp_path / "large"
    file.write_bytes(os.urandom(11 << 20))
    digest = sha256(file.read_bytes())
    proxy.faults.extend(["500", None, "lost", "503", None, "reset", None, "lost"])
    store.put("raw/large", file, sha256=digest)
    assert sha256(store.get("raw/large")) == digest
    proxy.on, proxy.always = "partNumber=2", "500"
    with pytest.raises(StoreUnreachableError):
        store.put("raw/other", file, sha256=digest)
    assert store.find("raw/other") is None
    proxy.on = "nothing"
    uploads = store.set_up.client.list_multipart_uploads(Bucket=BUCKET, Prefix=store.prefix)
    assert not uploads.get("Uploads")


@on_moto
def test_tells_when_the_store_took_other_bytes(
    store: S3, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A store that checks nothing (moto does not) and damages what it was sent."""

    def damage(params: dict[str, Any], **_: object) -> None:
        params["body"] = b"damaged!"
        params["headers"].pop("Content-MD5", None)
        params["headers"].pop("x-amz-checksum-sha256", None)

    store.set_up.client.meta.events.register("before-call.s3.PutObject", damage)
    with pytest.raises(FixityError) as caught:
        put(store, "a", b"original")
    assert caught.value.found == sha256(b"damaged!")
    monkeypatch.setattr(s3_upload, "_WHOLE_BYTES", 0)
    store.set_up.client.meta.events.register("before-call.s3.UploadPart", damage)
    file = tmp_path / "file"
    file.write_bytes(b"original")
    with pytest.raises(FixityError):
        store.put("b", file, sha256=sha256(b"original"))


@on_a_real_server
def test_the_store_itself_refuses_what_arrives_damaged(store: S3) -> None:
    def damage(params: dict[str, Any], **_: object) -> None:
        params["body"] = b"damaged!"

    store.set_up.client.meta.events.register("before-call.s3.PutObject", damage)
    with pytest.raises(FixityError):
        put(store, "a", b"original")
    assert store.find("a") is None


@on_every_server
def test_locks_originals_and_captures_and_nothing_else(server: Server) -> None:
    name = bucket_name()
    server.make_bucket(name, lock=True)
    store = S3(name, "x", retention=Retention(days=30))
    assert store.set_up.has_lock()
    ids = {key: put(store, key, b"1") for key in ("raw/a", "captures/a", "manifests/a")}
    client = server.client()
    for key in ("raw/a", "captures/a"):
        held = client.head_object(Bucket=name, Key=f"x/{key}")
        assert held["ObjectLockMode"] == "GOVERNANCE"
        days = (held["ObjectLockRetainUntilDate"] - datetime.now(UTC)).days
        assert days in (29, 30)
        with pytest.raises(ClientError, match=r"AccessDenied|forbidden|locked"):
            client.delete_object(Bucket=name, Key=f"x/{key}", VersionId=ids[key])
    client.delete_object(Bucket=name, Key="x/manifests/a", VersionId=ids["manifests/a"])
    assert store.get("raw/a") == b"1"


@on_every_server
def test_locks_a_file_in_parts(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_upload, "_WHOLE_BYTES", 1)
    name = bucket_name()
    server.make_bucket(name, lock=True)
    file = tmp_path / "file"
    file.write_bytes(b"body")
    store = S3(name, retention=Retention(days=30))
    store.put("raw/a", file, sha256=sha256(b"body"))
    held = server.client().head_object(Bucket=name, Key="raw/a")
    assert held["ObjectLockMode"] == "GOVERNANCE"


@on_every_server
def test_refuses_to_lock_in_a_bucket_that_cannot(server: Server) -> None:
    name = bucket_name()
    server.make_bucket(name)
    with pytest.raises(StoreUnreachableError, match="no Object Lock"):
        put(S3(name, retention=Retention(days=30)), "raw/a", b"1")


@on_a_real_server
def test_a_link_opens_one_object_for_a_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = S3(BUCKET, uuid.uuid4().hex)
    put(store, "raw/a.pdf", b"body")
    link = store.link("raw/a.pdf", seconds=60)
    assert server.secret not in link
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"body"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(link.replace("a.pdf", "b.pdf"))
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(link.split("?")[0])
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(_signed_an_hour_ago(store, monkeypatch))


def _signed_an_hour_ago(store: S3, monkeypatch: pytest.MonkeyPatch) -> str:
    def earlier(*_: object, **__: object) -> datetime:
        return datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=1)

    client = store.set_up.client
    which = {"Bucket": BUCKET, "Key": f"{store.prefix}raw/a.pdf"}
    with monkeypatch.context() as patch:
        patch.setattr("botocore.auth.get_current_datetime", earlier)
        return client.generate_presigned_url("get_object", Params=which, ExpiresIn=60)


LARGE = """
import hashlib, re, sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from storage.stores import open_store
name, path = sys.argv[1:]
with open(path, "rb") as file:
    digest = hashlib.file_digest(file, "sha256").hexdigest()
store = open_store(name)
store.put("raw/ice_ddor/large.pdf", Path(path), sha256=digest)
found = hashlib.sha256()
with store.open("raw/ice_ddor/large.pdf") as file:
    while piece := file.read(1 << 20):
        found.update(piece)
assert found.hexdigest() == digest
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["directory", "ceph"])
def test_keeps_a_file_of_1_gib_in_300_mib(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = str(tmp_path / "store")
    if kind == "ceph":
        cast("Server", request.getfixturevalue("ceph")).select(monkeypatch)
        name = f"s3://{BUCKET}/{uuid.uuid4().hex}"
    file = tmp_path / "large.pdf"
    piece = hashlib.shake_256(b"large").digest(1 << 20)
    with file.open("wb") as into:
        for number in range(1024):
            into.write(number.to_bytes(4) + piece[4:])
    command = [sys.executable, "-c", LARGE, name, str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert int(done.stdout) < 300, f"{done.stdout.strip()} MiB resident"


@pytest.mark.parametrize(
    "name", ["", "s3://", "s3:bucket", "s3://KEY:secret@bucket/x", "https://bucket", "s3://B/x"]
)
def test_refuses_what_names_no_store_and_does_not_repeat_it(name: str) -> None:
    with pytest.raises(ValueError, match="that is no") as caught:
        open_store(name)
    assert "secret" not in str(caught.value)


def test_opens_what_the_user_named(tmp_path: Path) -> None:
    assert open_store("s3://bucket-1/a/b/").name == "s3://bucket-1/a/b"
    assert open_store("s3://bucket-1").name == "s3://bucket-1"
    assert open_store(str(tmp_path / "new")).name == str(tmp_path / "new")
    with pytest.raises(StoreUnreachableError, match="is not there"):
        open_store(str(tmp_path / "typo"), create=False)
    with pytest.raises(ValueError, match="cannot be locked"):
        open_store(str(tmp_path), lock_days=1)
