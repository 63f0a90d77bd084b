"""The reading room as anybody sees it who may read a bucket: from a real S3 server, unsigned."""

import json
import uuid
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser

from storage.s3 import S3
from tests import reading_room
from tests.stores import Server
from tests.visiting import visit, walk

PUBLIC = Path(__file__).parents[1] / "deploy" / "policies" / "public.json"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".xml": "application/atom+xml",
    ".txt": "text/plain",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".csv": "text/csv; charset=utf-8",
}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bucket(ceph: Server) -> S3:
    """A bucket that holds the demonstration, of which anybody may read the catalogue."""
    name = f"test-{uuid.uuid4().hex}"
    ceph.make_bucket(name)
    policy = PUBLIC.read_text().replace("BUCKET", name)
    ceph.client().put_bucket_policy(Bucket=name, Policy=policy)
    with pytest.MonkeyPatch.context() as environment:
        ceph.select(environment)
        reading_room.demonstrate(f"s3://{name}")
        store = S3(name)
        assert store.set_up.client, "connects while the environment points there"
    return store


def test_a_visitor_walks_from_the_front_page_to_the_original(
    bucket: S3, ceph: Server, browser: Browser
) -> None:
    with visit(browser, f"{ceph.endpoint}/{bucket.bucket}") as page:
        walk(page)


def test_every_file_is_given_as_what_it_is(bucket: S3, ceph: Server) -> None:
    seen = set()
    for folder in ("site", "raw", "previews", "datasets"):
        for entry in bucket.list(f"{folder}/"):
            ending = Path(entry.key).suffix
            if ending in KINDS and (folder, ending) not in seen:
                seen.add((folder, ending))
                with urlopen(f"{ceph.endpoint}/{bucket.bucket}/{entry.key}") as answer:
                    assert answer.headers["Content-Type"] == KINDS[ending], entry.key
    assert {ending for _, ending in seen} == KINDS.keys()


def test_nobody_reads_more_than_the_catalogue_or_writes(bucket: S3, ceph: Server) -> None:
    for key in ("manifests/ice_ddor.json", "?list-type=2"):
        with pytest.raises(HTTPError, match="403"):
            urlopen(f"{ceph.endpoint}/{bucket.bucket}/{key}")
    assert json.loads(PUBLIC.read_text())["Statement"][0]["Action"] == ["s3:GetObject"]
