"""A machine to install on, for tests: this one, but that what is written to it is thrown away.

Folders that an installation writes to are overlays of a namespace of its own, users are added to
an overlay of /etc, and its own loopback is the only network where it is asked for. systemd runs
on no such machine (and is never started in one: at its start it clears /tmp): `systemctl` is told
so, and then enables units in earnest and starts none, for which `--now` is taken from it. What a
unit would start, `start` starts.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped] # it brings no types

from tests.documented import ROOT
from tests.stores import skip

_PROGRAMS = ("sudo", "git", "unshare", "nsenter", "ip", "systemctl", "systemd-analyze")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_KEPT = re.compile("PIP_.*|SSL_CERT_.*")
"""Variables by which this machine reaches its package index."""
_SET_UP = """
set -eu
mount --make-rprivate /
mount -t tmpfs -o mode=755 over "$1"
for part in etc opt usr/local var; do
  mkdir -p "$1/$part/upper" "$1/$part/work"
  mount -t overlay -o "lowerdir=/$part,upperdir=$1/$part/upper,workdir=$1/$part/work" over "/$part"
done
mount -t tmpfs -o mode=755 run /run
mkdir /run/sources.git
mount --bind "$2" /run/sources.git
mount -t tmpfs -o mode=1777 tmp /tmp
echo 'Defaults env_keep += "PIP_* SSL_CERT_* SYSTEMD_OFFLINE SUDO_EDITOR"' > /etc/sudoers.d/test
cat > /usr/local/sbin/systemctl <<'END'
#!/bin/sh
for each; do shift; [ "$each" = --now ] || set -- "$@" "$each"; done
exec /usr/bin/systemctl "$@"
END
chmod 755 /usr/local/sbin/systemctl
echo ready
(unshare --net sh -ec 'ip link set lo up; echo ready; exec sleep infinity' || echo failed) &
exec sleep infinity
"""


@dataclass(frozen=True)
class Machine:
    """Namespaces, by a process that is in them."""

    process_id: int
    lonely_id: int
    """One that sees its own loopback alone."""

    def type(
        self, *lines: str, alone: bool = False, timeout_s: float = 900
    ) -> "subprocess.CompletedProcess[str]":
        """Type lines into a shell of root, which ends where one of them fails."""
        return subprocess.run(
            [*self._enter(alone=alone), "bash", "-e"],
            input="\n".join(lines) + "\n",
            env=_environment(),
            cwd="/",
            check=False,
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )

    @contextmanager
    def start(self, unit: str) -> Iterator["subprocess.Popen[str]"]:
        """Start what a unit that was copied there says, as the user that it names; end it."""
        text = self.type(f"cat /etc/systemd/system/{unit}").stdout
        settings = [line.split("=", 1) for line in text.splitlines() if "=" in line]
        told = dict(settings)
        given = "; ".join(value for name, value in settings if name == "Environment")
        lines = (
            f"set -a; . {told['EnvironmentFile']}; {given}; set +a",
            f"cd {told['WorkingDirectory']}",
            f"exec {told['ExecStart']} > {unit}.log 2>&1",
        )
        with self.background(*lines, user=told["User"]) as process:
            yield process

    @contextmanager
    def background(self, *lines: str, user: str) -> Iterator["subprocess.Popen[str]"]:
        """Let a user's shell do something on its own loopback; end it, if it is there still.

        What it says is to be read, or else little.
        """
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]
        process = subprocess.Popen(
            [*self._enter(alone=True), *become, "sh", "-ec", "\n".join(lines)],
            env={"PATH": _PATH},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield process
        finally:
            for each in psutil.Process(process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    each.kill()
            process.wait()

    def _enter(self, *, alone: bool) -> list[str]:
        given = self.lonely_id if alone else self.process_id
        return ["nsenter", "-t", str(given), "-m", "-p", *(["-n"] if alone else [])]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}
    return {**kept, "PATH": _PATH, "SHELL": "/bin/bash", "SYSTEMD_OFFLINE": "1", "HOME": "/root"}


SOURCES = "file:///run/sources.git"
"""The repository to install from, on the machine."""


def repository(folder: Path) -> Path:
    """Make a repository of the sources as they are, wherever they stand; give it."""
    made = folder / "sources.git"
    git = ["git", f"--git-dir={made}", f"--work-tree={ROOT}", "-c", "core.bare=false"]
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", "init", "--quiet", "--bare", made], check=True)
    subprocess.run([*git, "add", "--all"], cwd=ROOT, check=True)
    subprocess.run([*git, *who, "commit", "--quiet", "--message=all"], cwd=ROOT, check=True)
    return made


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """Set it up, and end all that runs on it.

    Args:
        folder: an empty one, below which it keeps only the repository that it installs from.
    """
    missing = [each for each in _PROGRAMS if not shutil.which(each, path=_PATH)]
    if missing or os.getuid() != 0:
        skip(f"no machine to install on: {', '.join(missing) or 'only root can make one'}")
    sources, upper = repository(folder), folder / "machine"
    upper.mkdir()
    made = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    with subprocess.Popen(
        ["unshare", *made, "bash", "-c", _SET_UP, "set-up", str(upper), str(sources)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as holding:
        try:
            assert holding.stdout
            told = [holding.stdout.readline() for _ in range(2)]
            if told != ["ready\n", "ready\n"]:
                assert holding.stderr
                holding.kill()
                skip(f"no machine to install on: {holding.stderr.read()}")
            yield _found(holding.pid)
        finally:
            holding.kill()


def _found(process_id: int) -> Machine:
    """Find the two processes that hold the namespaces."""
    held = psutil.Process(process_id).children(recursive=True)
    outside = Path("/proc/self/ns/net").readlink()
    lonely = [p.pid for p in held if Path(f"/proc/{p.pid}/ns/net").readlink() != outside]
    return Machine(held[0].pid, lonely[0])
