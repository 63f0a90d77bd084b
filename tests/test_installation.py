"""`deploy/README.md` as it stands there, typed on a machine that nothing is installed on.

Names in capitals are filled in. Where a unit is started, what it starts is started as its user.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.documented import ROOT, Block, blocks, inline, under
from tests.installing import SOURCES, Machine, machine
from tests.prefect_pool import eventually

pytestmark = pytest.mark.slow

FILE = "deploy/README.md"
BIN = "/opt/recordkeep/.venv/bin"
ASIDE = "/var/lib/recordkeep/trial"
UNITS = "/etc/systemd/system"
EDITOR = r"""printf '#!/bin/sh\nsed -i s/CONTACT=.*/CONTACT=you@example.org/ "$1"\n' > /opt/editor
chmod 755 /opt/editor; export SUDO_EDITOR=/opt/editor"""
"""One who names himself, and changes nothing else."""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with machine(tmp_path_factory.mktemp("machine")) as made:
        yield made


@pytest.fixture(scope="module")
def said(bare: Machine) -> str:
    """What the installation's commands print, the last of which is `recordkeep doctor`."""
    typed = [each.replace("REPOSITORY", SOURCES) for each in under(FILE, "In any case")]
    done = bare.type(EDITOR, *typed)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def installed(bare: Machine, said: str) -> Machine:
    assert said
    return bare


def shell(*lines: str) -> list[str]:
    """Give lines as they are typed in the shell of the archive's user."""
    become, prepare, *_ = shells()[1].commands
    return [become, "set -e", prepare, *lines]


def shells(heading: str = "In any case") -> list[Block]:
    return [each for each in blocks(FILE) if each.heading == heading and each.language == "sh"]


def told(beginning: str) -> str:
    """Give the only command in the text that begins so."""
    (found,) = [each for each in inline(FILE) if each.startswith(beginning)]
    return found


@contextmanager
def replica(installed: Machine) -> Iterator[str]:
    """Serve the replica on the machine's loopback; give its address."""
    with installed.background(f"exec {BIN}/python -u -m flows.demo", user="recordkeep") as process:
        assert process.stdout
        yield process.stdout.readline().strip()


def test_every_point_says_ok(said: str) -> None:
    points = re.findall(r"^(\S+) +([\w ()]+): ", said, re.MULTILINE)
    assert len(points) > 5
    assert {state for state, point in points if not point.startswith("installed")} == {"ok"}
    assert "sites are told you@example.org" in said


def test_what_only_some_may_read_is_theirs_alone(installed: Machine) -> None:
    asked = "stat -c '%a %U %G' /etc/recordkeep /etc/recordkeep/recordkeep.env /var/lib/recordkeep"
    done = installed.type(asked)
    found = done.stdout.splitlines()
    assert found[:2] == ["750 root recordkeep", "640 root recordkeep"]
    assert found[2].endswith("recordkeep recordkeep")


@pytest.mark.parametrize(
    ("heading", "units"),
    [
        ("One machine with a timer", {"recordkeep.timer", "recordkeep-audit.timer"}),
        ("A Prefect server and a worker", {"prefect-server.service", "recordkeep-worker.service"}),
        ("recordkeep serve", {"recordkeep-serve.service"}),
    ],
)
def test_units_are_installed_enabled_and_well_formed_where_they_stand(
    installed: Machine, heading: str, units: set[str]
) -> None:
    worker = "sudo systemctl enable --now recordkeep-worker.service"
    assert worker in inline(FILE)
    more = [worker] if "recordkeep-worker.service" in units else []
    done = installed.type(*shells(heading)[0].commands, *more)
    assert done.returncode == 0, done.stderr
    enabled = installed.type(f"cd {UNITS}; ls *.wants").stdout.split()
    assert units <= {*enabled}
    copied = re.findall(r"[\w-]+\.(?:service|timer)", "".join(shells(heading)[0].commands))
    checked = installed.type(f"cd {UNITS}; systemd-analyze verify {' '.join(sorted({*copied}))}")
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_a_look_and_the_schedule_may_be_tried_on_the_replica(installed: Machine) -> None:
    with replica(installed) as url:
        store = f"export RECORDKEEP_STORE={ASIDE}/by-hand"
        run = told("recordkeep run ice_ddor").replace("URL", url)
        done = installed.type(*shell(store, run), alone=True)
        assert done.returncode == 0, done.stderr
        editions = installed.type(*shell(store, "recordkeep editions ice_ddor"), alone=True)
        assert {*re.findall(r"2017-\d\d-\d\d", editions.stdout)} >= {"2017-01-28", "2017-02-04"}
        serve = told("recordkeep serve ice_ddor").replace("URL", url)
        store = f"export RECORDKEEP_STORE={ASIDE}/served"
        _, _, *prepared = shell(store, f"exec {serve}")
        with installed.background(*prepared, user="recordkeep") as process:
            held = shell(store, "recordkeep editions ice_ddor")
            eventually(
                lambda: "2017-02-04" in installed.type(*held, alone=True).stdout,
                "a new archive is looked into at once",
                within_s=300,
            )
            assert process.poll() is None


def test_a_worker_runs_what_was_deployed_as_typed(installed: Machine) -> None:
    heading = "A Prefect server and a worker"
    for command in shells(heading)[0].commands:
        assert installed.type("cd /opt/recordkeep/deploy/systemd", command).returncode == 0
    (export, *deploy) = shells(heading)[1].commands
    answers = f"{BIN}/python -c 'from urllib.request import urlopen as o; o(\"{API}/health\")'"
    with installed.start("prefect-server.service"), replica(installed) as url:
        eventually(
            lambda: installed.type(answers, alone=True).returncode == 0,
            "the server answers",
            within_s=300,
        )
        done = installed.type(*shell(export, *deploy), alone=True)
        assert done.returncode == 0, done.stdout + done.stderr
        (upgrade,) = [each for each in inline("deploy/RUNBOOK.md") if "upgrade" in each]
        done = installed.type(*shell(export, upgrade), alone=True)
        assert done.returncode == 0, done.stdout + done.stderr
        with installed.start("recordkeep-worker.service"):
            trial = next(each for each in inline(FILE) if "--param" in each).replace("URL", url)
            plain = "prefect deployment run weekly/weekly-ice_ddor"
            assert plain in inline(FILE)
            done = installed.type(*shell(export, trial), alone=True)
            assert done.returncode == 0, done.stdout + done.stderr
            held = shell(f"recordkeep editions ice_ddor --store {ASIDE}")
            eventually(
                lambda: "2017-02-04" in installed.type(*held, alone=True).stdout,
                "the worker has run it",
                within_s=300,
            )
            done = installed.type(*shell(export, plain), alone=True)
            assert (done.returncode, "Created flow run" in done.stdout) == (0, True)


API = "http://127.0.0.1:4200/api"


def test_the_settings_of_compose_are_laid_out(installed: Machine) -> None:
    cd, lay_out, *_ = under(FILE, "With containers")
    done = installed.type(cd, lay_out, "stat -c %a .env")
    assert (done.returncode, done.stdout) == (0, "600\n")
    required = set(re.findall(r"\$\{(\w+):\?", (ROOT / "deploy" / "compose.yaml").read_text()))
    offered = set(re.findall(r"^#?(\w+)=", installed.type(cd, "cat .env").stdout, re.MULTILINE))
    assert required
    assert required <= offered


def test_nothing_of_it_is_left_on_the_machine_beneath(installed: Machine) -> None:
    assert installed.type("id recordkeep").returncode == 0
    assert not Path("/opt/recordkeep").exists()
    assert "recordkeep:" not in Path("/etc/passwd").read_text()
