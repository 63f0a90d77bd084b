"""What README.md and its like tell people to type, as tests take it from there."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = (
    "README.md",
    "CONTRIBUTING.md",
    "deploy/README.md",
    "deploy/RUNBOOK.md",
    "flows/demo/README.md",
)
_LINE = re.compile(
    r"^(?P<heading>#+ [^\n]*)$|^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
_PROGRAM = re.compile(
    r"(\w+=\S+ )*(sudo|recordkeep|prefect|systemctl|journalctl|docker|kubectl|aws|python|make|git|"
    r"datasette|\S+/install|tests/s3_server|\.venv/\S+) \S"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some fenced lines."""

    file: str
    heading: str
    language: str
    body: str

    @property
    def commands(self) -> list[str]:
        """Its commands, each in one line, without what is said of it behind `#`."""
        lines = self.body.replace("\\\n", " ").splitlines()
        told = (re.sub(r"\s+# .*", "", " ".join(line.split())) for line in lines)
        return [line for line in told if line and not line.startswith("# ")]


def blocks(file: str) -> list[Block]:
    """Give the fenced blocks of a file, in order."""
    found, heading = [], ""
    for match in _LINE.finditer((ROOT / file).read_text()):
        if match["heading"]:
            heading = match["heading"].lstrip("# ")
            continue
        block = Block(file=file, heading=heading, language=match["language"], body=match["body"])
        found.append(block)
    return found


def under(file: str, heading: str) -> list[str]:
    """Give the commands of all shell blocks under a heading, which has some."""
    found = [b for b in blocks(file) if b.heading == heading and b.language == "sh"]
    assert found, f"{file} has no commands under {heading!r}"
    return [command for block in found for command in block.commands]


def inline(file: str) -> set[str]:
    """Give the commands that stand in the text itself: a program with what it is to do."""
    text = re.sub(r"^```.*?^```$", "", (ROOT / file).read_text(), flags=re.MULTILINE | re.DOTALL)
    return {span for span in re.findall(r"`([^`\n]+)`", text) if _PROGRAM.match(span)}
