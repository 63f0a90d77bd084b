"""Prefect's temporary server, out of the reach of signals that are meant for the command.

Prefect starts one for a run without a standing server, as a plain child. A Ctrl-C at the terminal
goes to all of the command's process group, so that the server ended while the run still wrote down
how it ended, and the run asked nobody for minutes. And a command that was killed left it behind.
systemd, too, tells all processes of a service to stop. Here signals do not reach it, and it ends
when the pipe from the command does, also where the command was killed.
"""

import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flows.errors import NotStartedError
from scrapers.shelter import sheltered

if TYPE_CHECKING:
    from prefect.server.api.server import SubprocessASGIServer

_PATIENCE_S: Final = 5.0
"""So long it may take to end in order, as Prefect grants it."""
_TRIES: Final = 2
"""So often it is started where it ends at once: another may have taken its port meanwhile."""
_ENDED: Final = 3
"""The exit code of a server that Prefect starts anew, on another port."""


def provide() -> None:
    """Let Prefect find this server where it would start a temporary one; none is started yet."""
    from prefect.settings import get_current_settings  # noqa: PLC0415 - it takes seconds

    if get_current_settings().api.url is None:
        _server()


def _server() -> "SubprocessASGIServer":
    # Prefect has one instance for each port, whoever made it, and this one's is yet to be chosen.
    import prefect  # noqa: PLC0415 - as above
    from prefect.server.api.server import SubprocessASGIServer  # noqa: PLC0415 - as above
    from prefect.settings import get_current_settings  # noqa: PLC0415 - as above

    class Server(SubprocessASGIServer):
        """Starts as Prefect's own of 3.8, which gives uvicorn the same words and settings."""

        tries = 0

        def start(self, timeout: int | None = None) -> None:
            if not self.running:
                self.tries = 0
            patience = get_current_settings().server.ephemeral.startup_timeout_seconds
            try:
                super().start(timeout)
            except NotStartedError:
                raise
            except Exception as error:  # Prefect raises what the libraries beneath it do
                why = f"it did not answer for {timeout or patience} s"
                raise NotStartedError(why, str(get_current_settings().home)) from error

        def _run_uvicorn_command(self) -> "subprocess.Popen[Any]":
            if self.tries == _TRIES:
                why = "it ended at once; what it said stands above"
                raise NotStartedError(why, str(get_current_settings().home))
            self.tries += 1
            settings = get_current_settings().to_environment_variables(exclude_unset=True)
            ephemeral = {
                "PREFECT_UI_ENABLED": "0",
                "PREFECT__SERVER_EPHEMERAL": "1",
                "PREFECT__SERVER_FINAL": "1",
            }
            where = ["--app-dir", str(Path(prefect.__file__).parents[1])]
            how = ["--host", "127.0.0.1", "--port", str(self.port), "--log-level", "error"]
            app = ["--factory", "prefect.server.api.server:create_app", "--lifespan", "on"]
            with sheltered():
                return _Process(
                    [sys.executable, "-P", "-m", __name__, *where, *how, *app],
                    stdin=subprocess.PIPE,
                    env={**os.environ, **ephemeral, **settings},
                    start_new_session=True,
                )

    return Server()


class _Process(subprocess.Popen[bytes]):
    """What Prefect waits for, and kills where it takes too long."""

    def poll(self) -> int | None:
        """Say that it ended, however it did; Prefect would wait on for all but one exit code."""
        return None if super().poll() is None else _ENDED

    def terminate(self) -> None:
        """Have it end in order."""
        if self.stdin:
            self.stdin.close()


def _end_with_the_command() -> None:
    while os.read(0, 1):
        pass
    # It comes to this thread, and uvicorn looks every tenth of a second whether one came.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_PATIENCE_S)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_command, daemon=True).start()
    try:
        runpy.run_module("uvicorn", run_name="__main__")
    finally:
        # uvicorn, done, ends by the signal that it took: Python's own end takes over a second.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
