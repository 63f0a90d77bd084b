"""Serve the replica site until interrupted: `python -m flows.demo [WEEK]`, weeks 1 to 3.

To try an installation on: `recordkeep run ice_ddor --site http://127.0.0.1:…`.
"""

import signal
import sys

from flows.demo.site import HISTORY, LABEL, ReplicaSite

if __name__ == "__main__":
    week = int(sys.argv[1]) if sys.argv[1:] else len(HISTORY)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ReplicaSite(HISTORY[week - 1]) as site:
        sys.stdout.write(f"{site.url}\n")
        sys.stdout.flush()
        sys.stderr.write(f"{LABEL}. Week {week} of {len(HISTORY)}; end with Ctrl-C.\n")
        try:
            signal.pause()
        except KeyboardInterrupt:
            sys.stderr.write("ended\n")
