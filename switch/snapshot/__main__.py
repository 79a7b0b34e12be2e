"""`python -m switch.snapshot JOURNAL_DIRECTORY`: makes one image beside a switch, with low priority.

Exit code 0 where it was made or there was nothing to make, 1 where it failed, 3 where another process is at
it. Standard output is one JSON object: `position` of the image, and `covered_position` up to which segments
may go.
"""

import argparse
import gc
import json
import logging
import os
import signal
import sys
import time
from pathlib import Path

from switch.journal.faults import JournalFault
from switch.logs import LogFormat, set_up_logs
from switch.snapshot.faults import SnapshotBusy, SnapshotFault
from switch.snapshot.making import make_snapshot

EXIT_FAILED = 1
EXIT_BUSY = 3
_NICE = 19
_TERMINATED = 128 + signal.SIGTERM

_LOG = logging.getLogger("switch.snapshot")


def main() -> int:
    """Make an image; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m switch.snapshot")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--log-level", default="INFO")
    parser.add_argument("--log-format", type=LogFormat, default=LogFormat.TEXT)
    arguments = parser.parse_args()
    os.nice(_NICE)
    # What is half made is cleared away.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(_TERMINATED))
    # What is made stays until the end.
    gc.disable()
    logs = set_up_logs(arguments.log_level, arguments.log_format, sys.stderr)
    try:
        made = make_snapshot(arguments.directory, time.time_ns() // 1_000_000)
    except SnapshotBusy as fault:
        _LOG.info("%s", fault)
        return EXIT_BUSY
    except (SnapshotFault, JournalFault, OverflowError) as fault:
        _LOG.error("no snapshot was made: %s", fault)
        return EXIT_FAILED
    except OSError as error:
        where = error.filename or arguments.directory
        _LOG.error("no snapshot was made: %s: %s", where, error.strerror)
        return EXIT_FAILED
    finally:
        logs.flush()
    told = {} if made is None else {"position": made.position, "covered_position": made.covered_position}
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
