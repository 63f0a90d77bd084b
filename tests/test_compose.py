"""`deploy/README.md`, "With containers", typed as it stands there: a real engine, a real Compose.

Docker's engine (20.10, of Debian 12) runs on a machine that is thrown away, and sees no network
but its own. Docker Compose 2.40, SeaweedFS 4.40 and Caddy 2.10 are the real programs; so are
PostgreSQL 15, and the image of deploy/Dockerfile, which BuildKit builds. Stand-ins are what no
registry here has: the images themselves, which `tests/containers` makes on Debian, the entrypoint
of PostgreSQL's, and a folder of packages in place of an index. Root, minutes, 4 GB of memory.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # it brings no types

from tests.documented import ROOT, inline, under
from tests.installing import SOURCES, Machine, machine
from tests.prefect_pool import eventually
from tests.stores import skip

pytestmark = pytest.mark.soak

FILE = "deploy/README.md"
CD, LAY_OUT, UP, SHOW = under(FILE, "With containers")
BUILD = "docker build -f deploy/Dockerfile -t recordkeep:0.1.0 ."
STATUS = "docker compose exec worker recordkeep status"
CATALOGUE, PREFECT = "http://127.0.0.1:8000", "http://127.0.0.1:4200"
ENGINE = "/opt/recordkeep/tests/containers/engine"
PROGRAMS = ("dockerd", "docker", "debootstrap")
FILL_IN = r"""sed -Ei 's/CONTACT=$/CONTACT=you@example.org/
s/^(\w+)=$/echo \1=$(openssl rand -hex 24)/e' .env"""
"""As the file itself says where its words come from."""
ASK = """python3 -c '
import sys, urllib.request as r
asked = r.Request(sys.argv[1], sys.argv[2].encode() or None, {"Content-Type": "application/json"})
print(r.urlopen(asked).read().decode())' """


def type_(host: Machine, *lines: str) -> str:
    """Type lines in the folder of compose.yaml; give what they print."""
    done = host.type(CD, *lines, alone=True)
    assert done.returncode == 0, f"{lines}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine with an engine, the images, the sources, and settings that nobody filled in."""
    if not all(map(shutil.which, PROGRAMS)):
        skip("no container engine: apt-get install --no-install-recommends docker.io debootstrap")
    try:
        with machine(tmp_path_factory.mktemp("compose")) as made:
            clone = under(FILE, "In any case")[0].replace("REPOSITORY", SOURCES)
            fetched = made.type(clone, f"{ENGINE} fetch")
            assert fetched.returncode == 0, fetched.stdout + fetched.stderr
            with made.background(f"exec {ENGINE} serve", user="root"):
                info = partial(made.type, "docker info", alone=True)
                eventually(lambda: info().returncode == 0, "the engine answers", within_s=60)
                type_(made, f"{ENGINE} images", LAY_OUT)
                yield made
    finally:  # the engine's groups of processes, in which none is left
        groups = ["/sys/fs/cgroup", "-depth", "-type", "d", "-path", "*/recordkeep-tests*"]
        subprocess.run(["find", *groups, "-exec", "rmdir", "{}", ";"], check=True)


@pytest.fixture(scope="module")
def up(host: Machine) -> Iterator[Machine]:
    """All that compose.yaml starts; taken down with its volumes."""
    type_(host, FILL_IN, UP)
    yield host
    type_(host, "docker compose down --volumes")
    assert type_(host, "docker ps --all --quiet; docker volume ls --quiet") == ""


def services() -> dict[str, Any]:
    text = (ROOT / "deploy" / "compose.yaml").read_text()
    found: dict[str, Any] = yaml.safe_load(text)["services"]
    return found


def states(host: Machine) -> dict[str, tuple[str, str, int]]:
    """Service -> whether it runs, its health if it has any, its exit code."""
    told = type_(host, "docker compose ps --all --format json").splitlines()
    found = [json.loads(line) for line in told]
    return {each["Service"]: (each["State"], each["Health"], each["ExitCode"]) for each in found}


def wanted() -> dict[str, tuple[str, str, int]]:
    """What runs once has ended well, all others run, and are healthy if they can say so."""
    return {
        name: ("exited", "", 0)
        if service["restart"] == "on-failure"
        else ("running", "healthy" if "healthcheck" in service else "", 0)
        for name, service in services().items()
    }


def all_are_well(host: Machine) -> None:
    eventually(lambda: states(host) == wanted(), "all healthy", within_s=120)


def test_nothing_starts_with_a_password_missing(host: Machine) -> None:
    done = host.type(CD, UP, alone=True)
    assert done.returncode != 0
    assert "is missing a value" in done.stderr
    assert type_(host, "docker ps --all --quiet; docker images --quiet recordkeep") == ""


def test_the_image_alone_is_built(host: Machine) -> None:
    """By BuildKit, which later command lines than Debian's need not be told of."""
    assert {BUILD, STATUS} <= inline(FILE)
    told = type_(host, "cd ..; export DOCKER_BUILDKIT=1", BUILD, "docker run --rm recordkeep:0.1.0")
    assert "Usage: recordkeep" in told


def test_all_services_are_healthy(up: Machine) -> None:
    all_are_well(up)
    told = type_(up, SHOW)
    assert told.count("(healthy)") == sum("healthcheck" in each for each in services().values())


def test_prefect_knows_the_deployments(up: Machine) -> None:
    told = type_(up, f"{ASK} {PREFECT}/api/deployments/filter '{{}}'")
    asked = yaml.safe_load((ROOT / "deploy" / "prefect.yaml").read_text())["deployments"]
    assert {each["name"] for each in json.loads(told)} == {each["name"] for each in asked}


def test_a_look_by_the_worker_is_kept_and_shown(up: Machine) -> None:
    """On the replica, and into the archive itself: the trial's store is left out."""
    before = up.type(CD, STATUS, alone=True)
    assert (before.returncode, "held: nothing yet" in before.stderr) == (3, True)
    serve = "exec docker compose exec -T worker python3 -u -m flows.demo"
    with up.background(CD, serve, user="root") as replica:
        assert replica.stdout
        # Docker hands on what is said beside the address in no order.
        url = next(line.strip() for line in replica.stdout if line.startswith("http"))
        (trial,) = [each for each in inline(FILE) if "--param 'store=" in each]
        look = trial.partition(" --param 'store=")[0].replace("URL", url)
        type_(up, f"docker compose exec worker {look} --watch --watch-timeout 120")
    told = type_(up, f"{STATUS} ice_ddor")
    assert "2 editions" in told
    assert "Nothing needs you" in told
    type_(up, "docker compose restart copy")
    page = partial(up.type, f"{ASK} {CATALOGUE} ''", alone=True)
    eventually(lambda: "Declined Detainer" in page().stdout, "it is shown", within_s=60)


def test_the_addresses_are_those_that_are_told() -> None:
    text = " ".join((ROOT / FILE).read_text().split())
    assert f"Prefect is then at {PREFECT}, and the catalogue" in text
    assert f"at {CATALOGUE}; both on this machine alone" in text


def test_all_end_as_they_are_told_and_find_their_own_again(up: Machine) -> None:
    type_(up, "docker compose stop")
    ended = {name: code for name, (_, _, code) in states(up).items()}
    assert set(ended.values()) <= {0, 128 + 15}, ended
    type_(up, UP)
    all_are_well(up)
    assert "0 findings" in type_(up, "docker compose exec worker recordkeep verify ice_ddor 2>&1")
