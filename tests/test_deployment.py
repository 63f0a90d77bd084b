"""What stands in deploy/ is well-formed, safe, and says the same as the code."""

import importlib
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # it brings no types
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from flows.schedule import JITTER, PLAN, TIME_ZONE
from flows.settings import Settings, chosen_store
from scrapers import source
from tests.stores import skip

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
KUBERNETES = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
BIN = Path(sys.executable).parent


def checked(*command: str | Path) -> str:
    """Run a tool that must find nothing; give what it prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@cache
def load(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text())


def deployments() -> dict[str, Any]:
    return {each["name"]: each for each in load("prefect.yaml")["deployments"]}


def test_each_source_is_looked_at_and_audited() -> None:
    planned = {(each.flow, each.source) for each in PLAN}
    assert planned == {(flow, name) for flow in ("weekly", "audit") for name in source.names()}


def test_prefect_runs_what_is_planned_and_the_rest_on_demand() -> None:
    found = {}
    for name, each in deployments().items():
        for schedule in each.get("schedules", []):
            flow = each["entrypoint"].rpartition(".")[2]
            weeks = each["parameters"].get("recheck_weeks")
            when = (schedule["cron"], schedule["timezone"], schedule.get("parameters", {}))
            found[name] = (flow, each["parameters"]["name"], *when, weeks)
    late = {"weekly": {"jitter_min": JITTER.seconds / 60}, "audit": {}}  # which asks no site
    planned = {
        p.name: (p.flow, p.source, p.cron, TIME_ZONE, late[p.flow], p.recheck_weeks) for p in PLAN
    }
    assert found == planned


@pytest.mark.parametrize("name", deployments())
def test_a_deployments_flow_is_there_and_takes_its_parameters(name: str) -> None:
    deployment = deployments()[name]
    module, _, function = deployment["entrypoint"].rpartition(".")
    flow = getattr(importlib.import_module(module), function)
    for schedule in deployment.get("schedules", [{}]):
        more = schedule.get("parameters", {})
        inspect.signature(flow.fn).bind(**deployment["parameters"], **more)
    assert deployment["parameters"]["name"] in source.names()
    logs = {"env": {"PREFECT_LOGGING_EXTRA_LOGGERS": "recordkeep"}}
    assert deployment["work_pool"] == {"name": "recordkeep", "job_variables": logs}


def elapses(calendar: str) -> str:
    """When a timer fires next after a day in summer, in UTC."""
    told = checked("systemd-analyze", "calendar", "--base-time=2026-07-01 00:00:00 UTC", calendar)
    found = re.search(r"\(in UTC\): (.*)|Next elapse: (.* UTC)", told)
    assert found, told
    return found[1] or found[2]


@pytest.mark.parametrize(
    ("unit", "flow"), [("recordkeep", "weekly"), ("recordkeep-audit", "audit")]
)
def test_timers_fire_when_the_first_source_is_planned(unit: str, flow: str) -> None:
    if not shutil.which("systemd-analyze"):
        skip("no systemd-analyze here: apt-get install systemd")
    text = (DEPLOY / "systemd" / f"{unit}.timer").read_text()
    planned = next(each for each in PLAN if each.flow == flow)
    minute, hour, _, _, day = planned.cron.split()
    calendar = re.findall(r"OnCalendar=(.*)", text)
    assert calendar == [f"{day.title()} *-*-* {int(hour):02}:{int(minute):02}:00 {TIME_ZONE}"]
    expected = {"weekly": "Wed 2026-07-01 16:17:00 UTC", "audit": "Sun 2026-07-05 08:07:00 UTC"}
    assert elapses(calendar[0]) == expected[flow]
    assert f"RandomizedDelaySec={JITTER.seconds // 60}min" in text
    assert "Persistent=true" in text


def test_units_are_well_formed(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        skip("no systemd-analyze here: apt-get install systemd")
    for unit in UNITS:
        text = unit.read_text().replace("/opt/recordkeep/.venv/bin", str(BIN))
        (tmp_path / unit.name).write_text(text)
    told = checked("systemd-analyze", "verify", *sorted(tmp_path.iterdir()))
    assert told == ""


@pytest.mark.parametrize("unit", [u for u in UNITS if u.suffix == ".service"], ids=lambda u: u.name)
def test_services_can_write_to_their_state_alone(unit: Path) -> None:
    lines = unit.read_text().splitlines()
    for needed in (
        "User=recordkeep",
        "StateDirectory=recordkeep",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "EnvironmentFile=/etc/recordkeep/recordkeep.env",
    ):
        assert needed in lines


def test_compose_is_well_formed() -> None:
    schema = ["--builtin-schema", "vendor.compose-spec"]
    checked(BIN / "check-jsonschema", *schema, DEPLOY / "compose.yaml")


def services() -> dict[str, Any]:
    found: dict[str, Any] = load("compose.yaml")["services"]
    return found


@pytest.mark.parametrize("name", services())
def test_a_service_can_do_no_more_than_it_must(name: str) -> None:
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert not re.search(r":(latest)?$", service["image"])
    if name != "objects-owner":
        is_ours = "build" in service  # whose Dockerfile names its user
        assert is_ours or not service["user"].startswith("0")
    if service["restart"] == "unless-stopped" and name != "copy":
        assert service["healthcheck"]["test"][0] == "CMD"


def test_no_password_has_a_default() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    secret = r"\$\{(\w*(?:SECRET|PASSWORD)\w*)"
    required = re.findall(secret + r":\?", text)
    assert set(required) == set(re.findall(secret, text))
    for example in ("compose.env.example", "recordkeep.env.example"):
        for line in (DEPLOY / example).read_text().splitlines():
            name, _, value = line.lstrip("#").partition("=")
            assert not value or not re.search("SECRET|PASSWORD|KEY|DATABASE|ALERTS|PING", name)


def test_the_s3_servers_keys_come_out_as_json(tmp_path: Path) -> None:
    (script,) = services()["objects"]["command"]
    made = script.replace("$$", "$").replace("/tmp/s3.json", str(tmp_path / "s3.json"))
    environment = {"S3_OWNER_SECRET": "one", "S3_WRITER_SECRET": "two", "PATH": os.environ["PATH"]}
    subprocess.run(["/bin/sh", "-euc", made.partition("exec")[0]], check=True, env=environment)
    identities = json.loads((tmp_path / "s3.json").read_text())["identities"]
    assert [each["credentials"][0]["secretKey"] for each in identities] == ["one", "two"]


def test_a_copy_with_something_to_say_waits_as_any_other(tmp_path: Path) -> None:
    """What is no key is not copied, and said, each time: that calls for no haste."""
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "no key (1)").write_text("somebody's")
    copy = services()["copy"]
    (script,) = copy["command"]
    typed = script.replace("$$", "$").replace("/var/lib/recordkeep", str(tmp_path))
    done = subprocess.run(
        [*copy["entrypoint"], f'sleep() {{ echo "sleeps $1"; exit; }}; {typed}'],
        env={"RECORDKEEP_STORE": str(tmp_path / "store"), "PATH": f"{BIN}:{os.environ['PATH']}"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert "not copied: no key (1)" in done.stdout
    assert done.stdout.endswith("sleeps 1h\n")


@pytest.mark.parametrize("name", ["recordkeep.env.example", "compose.env.example"])
def test_every_setting_named_is_one(name: str) -> None:
    named = set(re.findall(r"RECORDKEEP_(\w+)=", (DEPLOY / name).read_text()))
    ours = {"SOURCES", "IMAGE"}  # read by the units and by compose
    assert named - ours <= {field.upper() for field in Settings.model_fields}


def test_the_dockerfile_is_well_formed_and_runs_as_nobody() -> None:
    file = DEPLOY / "Dockerfile"
    checked(BIN / "hadolint", file)
    text = file.read_text()
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    assert text.count("FROM ${BASE}") == 2
    assert "--no-deps --require-hashes -r run.lock" in text


def test_the_image_holds_what_the_package_needs_and_no_tools() -> None:
    printed = checked(sys.executable, DEPLOY / "runtime_lock.py", ROOT / "requirements.lock")
    locked = set(re.findall(r"^([a-z0-9._-]+)==", printed, re.MULTILINE))
    asked = [Requirement(each) for each in requires("recordkeep") or []]
    assert {canonicalize_name(each.name) for each in asked} <= locked
    for name in locked:
        needs = [Requirement(each) for each in _requires(name)]
        ours = [n for n in needs if n.marker is None or n.marker.evaluate({"extra": ""})]
        assert {canonicalize_name(n.name) for n in ours} <= locked | {"setuptools"}, name
    assert locked.isdisjoint({"pytest", "mypy", "ruff", "playwright", "moto", "uv"})


def _requires(name: str) -> list[str]:
    try:
        return requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return []  # of another platform


@pytest.mark.parametrize("version", ["1.29", "1.37"])
def test_kubernetes_manifests_are_well_formed(version: str) -> None:
    """By the schemas of the oldest version that README.md names, and of the newest (2026-11)."""
    told = ["--strict", "--quiet", "--kubernetes-version", version]
    checked(BIN / "kubernetes-validate", *told, *KUBERNETES)
    assert "Kubernetes 1.29 or later" in (DEPLOY / "README.md").read_text()


@pytest.mark.parametrize("flow", ["weekly", "audit"])
def test_cron_jobs_start_when_the_first_source_is_planned(flow: str) -> None:
    job = load(f"kubernetes/{flow}.yaml")["spec"]
    planned = next(each for each in PLAN if each.flow == flow)
    assert (job["schedule"], job["timeZone"]) == (planned.cron, TIME_ZONE)
    pod = job["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    for container in pod["containers"]:
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["resources"]["limits"]["memory"]
        assert (f"--jitter {JITTER.seconds // 60}" in container["args"][0]) == (flow == "weekly")


def test_no_rule_ever_expires_an_object_or_a_version() -> None:
    (rule,) = json.loads((DEPLOY / "policies" / "lifecycle.json").read_text())["Rules"]
    assert set(rule) == {"ID", "Status", "Filter", "AbortIncompleteMultipartUpload"}


def test_a_workers_run_refuses_a_folder_that_would_be_cleared_away(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert chosen_store("archive") == "archive"
    monkeypatch.setenv("PREFECT__FLOW_RUN_ID", "1f3c")
    assert chosen_store(str(tmp_path)) == str(tmp_path)
    assert chosen_store("s3://bucket/archive") == "s3://bucket/archive"
    with pytest.raises(ValueError, match="whole path"):
        chosen_store("archive")
