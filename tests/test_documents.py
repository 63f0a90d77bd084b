"""Every command in the documents is typed by a test, or stands here with why it is not.

What is typed by nobody is held to what it speaks of: its files, options, targets and names exist.
"""

import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest
import typer
import yaml  # type: ignore[import-untyped] # it brings no types

from flows.cli import app
from tests import test_readme
from tests.documented import FILES, ROOT, Block, blocks, inline

DEPLOY = "deploy/README.md"
INSTALLED = "tests.test_installation"
COMPOSED = "tests.test_compose"
TYPED = {
    (DEPLOY, "In any case"): (INSTALLED, 2),
    (DEPLOY, "One machine with a timer"): (INSTALLED, 1),
    (DEPLOY, "A Prefect server and a worker"): (INSTALLED, 2),
    (DEPLOY, "With containers"): (COMPOSED, 1),
    (DEPLOY, "recordkeep serve"): (INSTALLED, 1),
    (DEPLOY, "A bucket"): ("tests.test_bucket_by_hand", 2),
    (DEPLOY, "Kubernetes"): ("tests.test_kubernetes", 1),
}
"""File and heading -> the tests that type whatever stands there, in so many blocks."""

ITSELF = "it runs the tests, of which this is one, or measures for hours"
BOOTED = "it asks systemd, which must have booted the machine"
FENCED_UNTYPED = {"make test": ITSELF}
"""Fenced commands that no test types."""

INLINE_TYPED = {
    "prefect --no-prompt deploy --all --prefect-file deploy/prefect.yaml": INSTALLED,
    "prefect deployment run weekly/weekly-ice_ddor": INSTALLED,
    "prefect deployment run weekly/weekly-ice_ddor --param 'site=\"URL\"' --param pause_s=0 "
    "--param 'store=\"/var/lib/recordkeep/trial\"'": INSTALLED,
    "prefect deployment run weekly/weekly-SOURCE": INSTALLED,
    "prefect server database upgrade -y": INSTALLED,
    "prefect server start": "tests.test_end_to_end",
    "prefect worker start --pool recordkeep --type process": "tests.test_end_to_end",
    "sudo systemctl enable --now recordkeep-worker.service": INSTALLED,
    "docker build -f deploy/Dockerfile -t recordkeep:0.1.0 .": COMPOSED,
    "docker compose exec worker recordkeep status": COMPOSED,
    "docker compose ps": COMPOSED,
    "docker compose up -d --build": COMPOSED,
    "datasette datasets/ice_ddor/ice_ddor.sqlite": "tests.test_datasets",
}
INLINE_UNTYPED = {
    **dict.fromkeys(("make test", "make test-all", "make soak"), ITSELF),
    **dict.fromkeys(("make bench", "make bench-backfill", "make bench-backfill PEER=…"), ITSELF),
    "python -m tests.bench.exact": ITSELF,
    "make lock": "it chooses other versions than those that are tested",
    "python -m tests.archives.make": "it writes into the sources; test_upgrades reads that",
    "tests/s3_server install": ".ci/run installs the same packages",
    "sudo PYTHON=/usr/bin/python3 /opt/recordkeep/deploy/install": "minutes; typed without PYTHON",
    "journalctl -u recordkeep": BOOTED,
    "systemctl list-timers": BOOTED,
    "systemctl list-timers 'recordkeep*'": BOOTED,
    "systemctl stop recordkeep.timer recordkeep-audit.timer": BOOTED,
}
NAMES = {"docker compose", "systemctl edit"}
"""What names a program, and is no command yet."""


def fenced() -> Iterator[tuple[Block, str]]:
    for file in FILES:
        for block in blocks(file):
            if block.language == "sh":
                yield from ((block, command) for command in block.commands)


def typed(block: Block) -> bool:
    """Whether a test types whatever stands in a block."""
    readme = {*test_readme.blocks("sh"), *test_readme.outer_blocks()}
    if block.file == "README.md":
        return block.body in readme
    return (block.file, block.heading) in TYPED


def test_each_fenced_command_is_typed_or_is_known_not_to_be() -> None:
    """`make demo` alone is typed by name, in `test_make_demo`."""
    others = [command for block, command in fenced() if not typed(block)]
    untyped = {each for each in others if each != "make demo"}
    assert untyped == FENCED_UNTYPED.keys()
    assert len(others) == len(set(others)) == len(FENCED_UNTYPED) + 1


@pytest.mark.parametrize("place", TYPED, ids=lambda place: place[1])
def test_those_who_type_see_every_block_of_the_heading(place: tuple[str, str]) -> None:
    module, number = TYPED[place]
    found = [b for b in blocks(place[0]) if b.heading == place[1] and b.language == "sh"]
    assert len(found) == number
    assert find_spec(module)


def test_whatever_is_fenced_is_a_shells_or_pythons_or_shown_only() -> None:
    for file in FILES:
        for block in blocks(file):
            if block.language == "python":
                assert block.body in test_readme.blocks("python")
                continue
            assert block.language in {"sh", ""}, block.heading
            assert block.language == "sh" or not inline_like(block), block.body


def inline_like(block: Block) -> list[str]:
    return [line for line in block.commands if re.match(r"(sudo|recordkeep|make|\$) ", line)]


def test_each_command_within_the_text_is_typed_or_is_known_not_to_be() -> None:
    found = {span for file in FILES for span in inline(file) if not span.startswith("recordkeep ")}
    assert found == INLINE_TYPED.keys() | INLINE_UNTYPED.keys() | NAMES
    assert all(find_spec(module) for module in INLINE_TYPED.values())


def recordkeeps() -> list[str]:
    """Every `recordkeep …` in the documents."""
    spans = {span for file in FILES for span in inline(file)} | {each for _, each in fenced()}
    return sorted(s for each in spans for s in re.findall(r"(?:^|(?<=/bin/))recordkeep .*", each))


@pytest.mark.parametrize("told", recordkeeps())
def test_each_subcommand_and_option_of_ours_exists(told: str) -> None:
    group: Any = typer.main.get_command(app)
    name, *words = shlex.split(told.partition(" > ")[0])[1:]
    command = group.commands[name]
    options = {each for parameter in command.params for each in parameter.opts} | {"--help"}
    assert {word for word in words if re.match("--?[a-z]", word)} <= options


def test_what_docker_is_told_exists() -> None:
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
    (service,) = re.findall(r"compose exec (\S+)", " ".join(INLINE_TYPED))
    assert service in compose["services"]
    (file, tag) = re.findall(r"docker build -f (\S+) -t (\S+) \.", " ".join(INLINE_TYPED))[0]
    assert (ROOT / file).is_file()
    ours = [each for each in compose["services"].values() if "build" in each]
    assert ours
    assert all(each["image"].endswith(f":-{tag}}}") for each in ours)


def test_targets_units_and_settings_that_are_named_exist() -> None:
    told = [*FENCED_UNTYPED, *INLINE_UNTYPED]
    targets = {line.split(":")[0] for line in (ROOT / "Makefile").read_text().splitlines()}
    assert {each.split()[1] for each in told if each.startswith("make ")} <= targets
    units = {path.name for path in (ROOT / "deploy" / "systemd").iterdir()}
    assert {name for each in told for name in re.findall(r"[\w-]+\.timer", each)} <= units
    assert "${PYTHON:-python3}" in (ROOT / "deploy" / "install").read_text()
    assert re.search(r"^ *install\)", (ROOT / "tests" / "s3_server").read_text(), re.MULTILINE)
    assert find_spec("tests.archives.make")
