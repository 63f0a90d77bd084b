"""No credential reaches what is stored, logged or printed."""

import os
import subprocess
import sys
import urllib.request

import pytest

from flows import opening, weekly
from flows.demo.site import HISTORY, ReplicaSite
from storage.stores import open_store
from tests.stores import NewStore, Server

SECRETS = ("testsecret", "testkey")
"""Of the test servers."""


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from flows.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, check=False, text=True)


@pytest.fixture(params=["moto", pytest.param("ceph", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, new_store: NewStore) -> str:
    name = new_store(request.param).name
    with (
        ReplicaSite() as site,
        opening.opened("ice_ddor", name, site=site.url, pause_s=0, at=HISTORY[0].at) as work,
    ):
        weekly.look_at_all(work)
    return name


def test_nothing_that_is_stored_or_printed_holds_a_credential(store: str) -> None:
    objects = open_store(store)
    for entry in objects.list(""):
        body = objects.get(entry.key)
        assert not [secret for secret in SECRETS if secret.encode() in body], entry.key
    asked = (["versions", "ice_ddor", "2017-01-28"], ["verify"], ["doctor"], ["sources"])
    for arguments in asked:
        told = call(*arguments, "--store", store)
        assert not [secret for secret in SECRETS if secret in told.stdout + told.stderr]


def test_an_error_of_the_store_holds_no_credential(
    moto: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    moto.select(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    told = call("verify", "--store", "s3://nosuch/archive")
    assert told.returncode == 1
    assert "s3://nosuch/archive" in told.stderr
    assert not [secret for secret in SECRETS if secret in told.stdout + told.stderr]


def test_a_link_gives_the_original_for_a_time_and_holds_no_secret_key(store: str) -> None:
    told = call("get", "ice_ddor", "2017-01-28", "--link", "60", "--store", store)
    assert told.returncode == 0, told.stderr
    assert os.environ["AWS_SECRET_ACCESS_KEY"] not in told.stdout
    with urllib.request.urlopen(told.stdout.strip()) as answer:
        assert answer.read(5) == b"%PDF-"


def test_a_folder_has_no_links(tmp_path: object) -> None:
    told = call("get", "ice_ddor", "2017-01-28", "--link", "60", "--store", str(tmp_path))
    assert told.returncode == 3
