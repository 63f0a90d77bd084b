"""The command line, as its users call it: exit codes, JSON, and what is said when it fails."""

import csv
import fcntl
import hashlib
import io
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flows import backfill, opening, settings, weekly
from flows.cli import demo as demonstration
from flows.cli import main
from flows.demo.site import HISTORY, ReplicaSite
from storage.directory import Directory
from tests import histories

FIRST, SECOND = "2017-01-28", "2017-02-04"
REPLICAS = Path(demonstration.__file__).parent.parent / "demo"


@dataclass(frozen=True)
class Answer:
    code: int
    out: bytes
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Recordkeep = Callable[..., Answer]


def call(*arguments: str, cwd: Path | None = None) -> Answer:
    """Call the entry point in this process, with standard output and error in files."""
    logger = logging.getLogger("recordkeep")  # a run's handler writes to what is closed after it
    logging_before = (logger.handlers[:], logger.propagate, logger.level)
    before = (sys.argv, sys.stdout, sys.stderr, os.dup(1), os.dup(2), Path.cwd())
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        sys.argv = ["recordkeep", *arguments]
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - see below
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - see below
        os.chdir(cwd or Path.cwd())
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        finally:
            sys.stdout.close()
            sys.stderr.close()
            sys.argv, sys.stdout, sys.stderr = before[:3]
            for number, kept in ((1, before[3]), (2, before[4])):
                os.dup2(kept, number)
                os.close(kept)
            os.chdir(before[5])
            logger.handlers[:], logger.propagate, level = logging_before
            logger.setLevel(level)
        out.seek(0)
        err.seek(0)
        assert isinstance(code, int)
        return Answer(code, out.read(), err.read().decode())


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's archive, made by plain functions."""
    folder = tmp_path_factory.mktemp("demo")
    with ReplicaSite() as site:
        for state in HISTORY:
            site.state = state
            with opening.opened(
                "ice_ddor", str(folder), site=site.url, pause_s=0, at=state.at
            ) as work:
                weekly.look_at_all(work)
    return folder


@pytest.fixture
def recordkeep(archive: Path, tmp_path: Path) -> Recordkeep:
    def on_archive(*arguments: str) -> Answer:
        return call(*arguments, "--store", str(archive), cwd=tmp_path)

    return on_archive


def replica(name: str) -> bytes:
    return (REPLICAS / name).read_bytes()


BEYOND = "9999-12-31T23:59:59-05:00"
"""A time that lies in no year of the calendar in UTC."""

NAMING = (
    ["run"],
    ["audit"],
    ["backfill"],
    ["editions"],
    ["records"],
    ["reparse"],
    ["quarantine"],
    ["status"],
    ["verify"],
    ["export", "--bagit", "bag"],
)
"""Commands that take a source's name last."""

COMMANDS = (
    "demo",
    "run",
    "extract",
    "sources",
    "editions",
    "versions",
    "get",
    "records",
    "diff",
    "explain",
    "quarantine",
    "release",
    "reparse",
    "verify",
    "mirror",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself_with_an_example(command: str) -> None:
    answer = call(command, "--help")
    assert answer.code == 0
    assert f"Example: recordkeep {command}" in answer.out.decode()


@pytest.mark.parametrize("command", ["run", "backfill", "serve"])
def test_help_tells_names_as_the_readme_and_how_long_a_pause_is(command: str) -> None:
    answer = " ".join(call(command, "--help").out.decode().split())
    agency_s = settings.Settings.model_fields["pause_s"].default
    searches_s, playback_s = backfill.SEARCH_PAUSE_S, backfill.PLAYBACK_PAUSE_S
    rates = f"Wayback Machine: {searches_s:g} a search, {playback_s:g} a capture"
    assert f"default: ({agency_s:g} or RECORDKEEP_PAUSE_S; {rates})" in answer
    for told in ("SOURCE", "--store STORE", "--site URL", "--pause SECONDS"):
        assert told in answer


def test_lists_what_is_held(recordkeep: Recordkeep) -> None:
    held = {row["source"]: row["editions"] for row in recordkeep("sources", "--json").json}
    assert held == {"ice_ddor": 2, "fbi_nics": 0}
    editions = recordkeep("editions", "ice_ddor", "--json").json
    assert [row["edition"] for row in editions] == [FIRST, SECOND]
    told = recordkeep("versions", "ice_ddor", FIRST, "--json").json
    assert [row["kind"] for row in told["versions"]] == ["new", "revision"]
    assert [notice["kind"] for notice in told["notices"]] == ["correction"]


@pytest.mark.parametrize(
    ("options", "file"),
    [
        (["--as-of", "2017-03-25"], "week1-original.pdf"),
        (["--as-of", "2017-04-05T14:30:00Z"], "week1-corrected.pdf"),
        (["--as-of", "2017-04-04"], "week1-original.pdf"),
        (["--version", "1"], "week1-original.pdf"),
        ([], "week1-corrected.pdf"),
    ],
)
def test_gives_the_agencys_bytes(
    recordkeep: Recordkeep, tmp_path: Path, options: list[str], file: str
) -> None:
    answer = recordkeep("get", "ice_ddor", FIRST, *options, "-o", "out.pdf", "--json")
    assert answer.code == 0
    assert (tmp_path / "out.pdf").read_bytes() == replica(file)
    assert answer.json["digest"] == hashlib.sha256(replica(file)).hexdigest()


def test_gives_bytes_by_digest_on_standard_output(recordkeep: Recordkeep) -> None:
    wanted = replica("week1-original.pdf")
    digest = hashlib.sha256(wanted).hexdigest()
    assert recordkeep("get", "ice_ddor", FIRST, "--digest", digest[:12], "-o", "-").out == wanted


def test_lists_what_had_been_seen_by_then(recordkeep: Recordkeep) -> None:
    def told(*asked: str) -> Any:
        return recordkeep("versions", "ice_ddor", FIRST, *asked, "--json").json

    now, then = told(), told("--as-of", "2017-04-04")
    assert [each["version"] for each in now["versions"]] == [1, 2]
    assert [each["version"] for each in then["versions"]] == [1]
    assert (len(now["notices"]), then["notices"]) == (1, [])
    assert told("--as-of", "2017-04-05") == now


@pytest.mark.parametrize("there", [".", "folder"])
def test_an_original_takes_the_place_of_a_file_alone(
    recordkeep: Recordkeep, tmp_path: Path, there: str
) -> None:
    (tmp_path / "folder").mkdir()
    answer = recordkeep("get", "ice_ddor", FIRST, "-o", there)
    assert (answer.code, answer.out) == (1, b"")
    assert "cannot be written" in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_says_on_which_sightings_an_answer_by_date_rests(recordkeep: Recordkeep) -> None:
    told = recordkeep("get", "ice_ddor", FIRST, "--as-of", "2017-04-01", "--json").json
    assert (told["seen_at"][:10], told["next_seen_at"][:10]) == ("2017-03-29", "2017-04-05")


def test_the_correction_removed_four_and_nine_records(recordkeep: Recordkeep) -> None:
    found = recordkeep("diff", "ice_ddor", FIRST, "--json").json["tables"]
    counts = {t: [len(d[k]) for k in ("added", "removed", "changed")] for t, d in found.items()}
    assert counts == {"issued": [0, 4, 0], "declined": [0, 9, 0], "policies": [0, 0, 0]}


def test_gives_records_as_csv_json_and_parquet(recordkeep: Recordkeep) -> None:
    asked = ("records", "ice_ddor", FIRST, "--table", "declined", "--version", "1")
    listed = recordkeep(*asked, "--format", "json").json
    rows = list(csv.DictReader(io.StringIO(recordkeep(*asked, "--format", "csv").out.decode())))
    parquet = recordkeep(*asked, "--format", "parquet").out
    assert len(listed) == len(rows) == 206
    assert [row["lea"] for row in rows] == [row["lea"] for row in listed]
    assert list(rows[0]) == [name for name in listed[0] if name not in {"cells", "boxes"}]
    assert parquet.startswith(b"PAR1")


def test_gives_records_of_all_editions_as_last_shown(recordkeep: Recordkeep) -> None:
    rows = recordkeep("records", "ice_ddor", "--table", "issued", "--json").json
    assert [row["edition"] for row in rows] == [FIRST] * 6 + [SECOND] * 11


def test_what_is_no_file_is_written_to_and_stays(recordkeep: Recordkeep, tmp_path: Path) -> None:
    """As `-o /dev/null`, by root, who could put a file in its place."""
    wanted = replica("week1-corrected.pdf")
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 1 << 20)
    assert recordkeep("get", "ice_ddor", FIRST, "-o", "pipe").code == 0
    assert (tmp_path / "pipe").is_fifo()
    assert os.read(reader, 1 << 20) == wanted
    os.close(reader)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["editions", "nosuch"], "ice_ddor"),
        (["versions", "ice_ddor", "2019-01-01"], FIRST),
        (["get", "ice_ddor", FIRST, "--version", "9"], "held: 1, 2"),
        (["get", "ice_ddor", FIRST, "--as-of", "2017-03-01"], "first seen 2017-03-20"),
        (["get", "ice_ddor", FIRST, "--digest", "0" * 64], "is not held"),
        (["get", "ice_ddor", FIRST, "--digest", ""], "digest '' of ice_ddor"),
        (["records", "ice_ddor", FIRST, "--table", "nosuch"], "issued, declined, policies"),
        (["get", "ice_ddor", FIRST, "--as-of", "2017-03-20T15:00+02:00"], "20 13:00 is"),
        (["versions", "ice_ddor", FIRST, "--as-of", "2017-03-19"], "had been seen by 2017-03-19"),
        (["records", "ice_ddor", "", "--table", "issued"], FIRST),
        (["export", "", "--bagit", "bag"], "ice_ddor"),
        (["quarantine", ""], "ice_ddor"),
        (["diff", "ice_ddor", SECOND], "only one version"),
        (["diff", "ice_ddor", FIRST, "2"], "nothing comes after it"),
        (["diff", "ice_ddor", FIRST, "0"], "held: 1, 2"),
        (["diff", "ice_ddor", FIRST, "1", "0"], "held: 1, 2"),
        (["run", "nosuch"], "fbi_nics, ice_ddor"),
        *[([*each, "../../etc"], "ice_ddor") for each in NAMING],
        (["versions", "../../etc", FIRST], "ice_ddor"),
        (["get", "../../etc", FIRST], "ice_ddor"),
        (["records", "../../etc", FIRST], "ice_ddor"),
        (["diff", "../../etc", FIRST], "ice_ddor"),
        (["explain", "../../etc", FIRST, "--row", "1"], "ice_ddor"),
        (["release", "../../etc", "0" * 64, "--why", "no"], "ice_ddor"),
    ],
)
def test_what_is_not_held_is_exit_3_and_says_what_is(
    recordkeep: Recordkeep, arguments: list[str], said: str
) -> None:
    answer = recordkeep(*arguments)
    assert (answer.code, answer.out) == (3, b"")
    assert said in answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["get", "ice_ddor", FIRST, "--as-of", "March"],
        ["get", "ice_ddor", FIRST, "--as-of", BEYOND],
        ["get", "ice_ddor", FIRST, "--digest", "", "--version", "1"],
        ["records", "ice_ddor", "--table", "issued", "--as-of", ""],
        ["explain", "ice_ddor", FIRST, "--table", "issued", "--row", "1", "--as-of", ""],
        ["get", "ice_ddor", FIRST, "--known", BEYOND],
        ["records", "ice_ddor", "--as-of", BEYOND],
        # What a script gives whose variable is not set, which is not the same as not asking.
        *[["get", "ice_ddor", FIRST, option, ""] for option in ("--as-of", "--known")],
        *[["backfill", "ice_ddor", option, "", "--dry-run"] for option in ("--since", "--until")],
        ["status", "--now", ""],
        ["versions", "ice_ddor", FIRST, "--known", BEYOND],
        ["explain", "ice_ddor", FIRST, "--row", "1", "--as-of", BEYOND],
        ["status", "--now", BEYOND],
        ["status", "--now", "9999-12-31"],
        ["backfill", "ice_ddor", "--since", BEYOND],
        ["backfill", "ice_ddor", "--until", BEYOND],
        ["get", "ice_ddor", FIRST, "--version", "1", "--as-of", "2017-03-25"],
        ["records", "ice_ddor", FIRST],
        ["run", "ice_ddor", "--site", "localhost:80"],
        ["verify", "--from", "elsewhere"],
    ],
)
def test_wrong_usage_is_exit_2(recordkeep: Recordkeep, arguments: list[str]) -> None:
    answer = recordkeep(*arguments)
    assert (answer.code, answer.out) == (2, b"")
    assert answer.err


def test_a_copy_of_the_pages_takes_nobodys_file_away(archive: Path, tmp_path: Path) -> None:
    store = shutil.copytree(archive, tmp_path / "archive")
    raw = next((store / "raw" / "ice_ddor").iterdir())
    raw.with_name(f"{raw.name} (copy)").write_text("mine")
    other = tmp_path / "copy/site/index.html.part"
    other.parent.mkdir(parents=True)
    other.write_text("somebody's")
    assert call("site", "--store", str(store), "-o", str(tmp_path / "copy")).code == 0
    assert other.read_text() == "somebody's"
    copied = tmp_path / "copy" / raw.relative_to(store)
    assert copied.read_bytes() == raw.read_bytes()
    assert [path for path in (tmp_path / "copy").rglob("*") if "(copy)" in path.name] == []
    assert [*(tmp_path / "copy").rglob(".recordkeep-*")] == []


def test_a_copy_of_the_pages_is_put_into_no_other_archive(archive: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    histories.fill(Directory(other))
    (other / "site").mkdir()
    (other / "site" / "index.html").write_text("its own")
    store = shutil.copytree(archive, tmp_path / "archive")
    for place in (other, store):
        answer = call("site", "--store", str(store), "-o", str(place))
        assert answer.code == 2
        assert "is an archive itself" in answer.err
    assert (other / "site" / "index.html").read_text() == "its own"


def test_no_store_is_wrong_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RECORDKEEP_STORE", raising=False)
    answer = call("editions", "ice_ddor", cwd=tmp_path)
    assert answer.code == 2
    assert "--store" in answer.err


def test_reading_a_folder_that_is_not_there_makes_none(tmp_path: Path) -> None:
    answer = call("editions", "ice_ddor", "--store", str(tmp_path / "nosuch"))
    assert answer.code == 1
    assert not (tmp_path / "nosuch").exists()


def test_a_store_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    answer = call("run", "ice_ddor", "--store", str(tmp_path / "file" / "archive"))
    assert answer.code == 1
    assert "name another folder" in answer.err


def test_extracts_a_local_file_without_a_store() -> None:
    answer = call("extract", str(REPLICAS / "week2.pdf"), "--source", "ice_ddor", "--json")
    assert answer.code == 0
    assert (answer.json["edition"], answer.json["status"]) == (SECOND, "complete")
    assert {name: len(rows) for name, rows in answer.json["tables"].items()} == {
        "issued": 11,
        "declined": 47,
        "policies": 117,
    }


def test_extracting_what_is_no_pdf_is_exit_1_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_text("<html><body>Access denied</body></html>")
    answer = call("extract", str(tmp_path / "report.pdf"), "--source", "ice_ddor", "--json")
    assert answer.code == 1
    assert (answer.json["status"], answer.json["reason"]) == ("quarantined", "not-a-pdf")
    assert answer.json["tables"] == {}


def test_extracting_no_such_file_is_wrong_usage(tmp_path: Path) -> None:
    assert call("extract", str(tmp_path / "nosuch.pdf"), "--source", "ice_ddor").code == 2


def test_explains_a_record_and_draws_where_it_stands(
    recordkeep: Recordkeep, tmp_path: Path
) -> None:
    asked = ("explain", "ice_ddor", FIRST, "--version", "1", "--table", "declined", "--row", "38")
    told = recordkeep(*asked, "-o", "row.png", "--json").json
    assert len(told["record"]["boxes"]) == 2, "the truth says that this row is on two pages"
    assert (tmp_path / "row.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "row.png").write_bytes(b"an earlier picture")
    (tmp_path / "kept.png").hardlink_to(tmp_path / "row.png")
    recordkeep(*asked, "-o", "row.png")
    assert (tmp_path / "row.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "kept.png").read_bytes() == b"an earlier picture", "replaced, not rewritten"


def test_the_demo_leaves_alone_what_is_no_demo(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    answer = call("demo", "--dir", str(tmp_path))
    assert answer.code == 2
    assert (tmp_path / "notes.txt").read_text() == "mine"


SMALL = """
import resource
from flows.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
main()
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["get", "ice_ddor", FIRST, "-o", "-"],
        ["explain", "ice_ddor", FIRST, "--table", "issued", "--row", "1", "-o", "row.png"],
        ["verify", "--repair", "--from", "."],
    ],
)
def test_says_so_where_a_temporary_file_has_no_room(
    archive: Path, tmp_path: Path, arguments: list[str]
) -> None:
    """The kernel's own refusal in the middle of a write."""
    store = shutil.copytree(archive, tmp_path / "store")
    if "--repair" in arguments:
        next((store / "raw").rglob("*.pdf")).unlink()
    done = subprocess.run(
        [sys.executable, "-c", SMALL, *arguments, "--store", store],
        cwd=archive,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{tmp_path} takes no file of this size: raise the limit" in done.stderr
    assert list(tmp_path.iterdir()) == [store]


@pytest.mark.parametrize(
    ("origin", "target"),
    [
        ("archive", "archive/copy"),
        ("archive", "none/../archive/./copy"),
        ("archive/", "archive"),
        ("s3://bucket/archive", "s3://bucket/archive/"),
        ("s3://bucket", "s3://bucket/copy"),
    ],
)
def test_a_mirror_stands_in_no_store_that_it_is_of(
    origin: str, target: str, tmp_path: Path
) -> None:
    """Each time it would copy its own copies too."""
    (tmp_path / "archive").mkdir()
    answer = call("mirror", origin, target, cwd=tmp_path)
    assert (answer.code, "a mirror is to stand elsewhere" in answer.err) == (2, True)
    assert list((tmp_path / "archive").iterdir()) == []


def test_verifying_where_nothing_is_held_says_so(tmp_path: Path) -> None:
    """As with a name that was misspelt: it proves nothing."""
    answer = call("verify", "--store", str(tmp_path))
    assert (answer.code, answer.out) == (3, b"")
    assert f"nothing is held in {tmp_path}" in answer.err


@pytest.mark.parametrize("options", [[], ["--repair"]])
def test_what_is_others_is_named_and_no_copy_of_it_is_looked_for(
    tmp_path: Path, options: list[str]
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    answer = call("verify", *options, "--store", str(tmp_path))
    assert (answer.code, answer.out) == (1, b"stray  notes.txt  nobody names it\n")
    assert answer.err == ""


def test_verifies_and_mirrors(recordkeep: Recordkeep, archive: Path, tmp_path: Path) -> None:
    assert recordkeep("verify").code == 0
    first = call("mirror", str(archive), str(tmp_path / "other"), "--json")
    again = call("mirror", str(archive), str(tmp_path / "other"), "--json")
    assert (first.code, again.json["copied"]) == (0, 0)
    assert first.json["copied"] == again.json["skipped"] > 0
    raw = next((tmp_path / "other" / "raw").rglob("*.pdf"))
    raw.write_bytes(raw.read_bytes()[:-9])
    damaged = call("verify", "--store", str(tmp_path / "other"), "--json")
    assert damaged.code == 1
    assert [finding["kind"] for finding in damaged.json["findings"]] == ["truncated"]
    mended = call("verify", "--repair", "--from", str(archive), "--store", str(tmp_path / "other"))
    assert mended.code == 0
