"""Enter the `lifecycle` command line in such a way that Ctrl-C ends it in order from the start."""

import sys
from importlib import import_module

from server.stopping import Stopped, deferred, stoppable

INTERRUPTED = 130


def main() -> None:
    """Run the command line: 0 well, 1 something refused or failed, 2 used wrongly, 130 stopped."""
    try:
        with stoppable():
            with deferred():
                program = import_module("server.program")
            program.run()
    except Stopped:
        sys.exit(INTERRUPTED)
