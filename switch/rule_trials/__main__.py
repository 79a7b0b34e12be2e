"""One trial as a process: `python -m switch.rule_trials --memory-mib 1024 --cpu-s 600`.

Standard input has one JSON object on its first line, what is asked for (`work.py`), and for some trials a
sale as JSON on each further line. Standard output gets JSON lines: `{"progress": [done, total]}` now and
then, at the end one of `{"result": {…}}` or `{"refused": {"code": …, "lines": […]}}`, and 0 for either.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator
from typing import BinaryIO

from pydantic import ValidationError

from switch.rule_trials.work import ASKED, Refused, Trial

_PROGRESS_EVERY_S = 0.5
_LINE_BYTES_MAX = 64 << 20
_SALE_BYTES_MAX = 1 << 20
_LINES_TOLD = 50


class _Telling:
    """Writes lines; progress not too often. A parent that is gone ends the process by the broken pipe."""

    def __init__(self) -> None:
        self._told_at = time.monotonic()

    def progress(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        if now - self._told_at >= _PROGRESS_EVERY_S:
            self._told_at = now
            self.line({"progress": [done, total]})

    @staticmethod
    def line(content: object) -> None:
        sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def main() -> int:
    """Bound itself, read, work, tell."""
    parser = argparse.ArgumentParser(prog="python -m switch.rule_trials", description=__doc__)
    parser.add_argument("--memory-mib", type=int, default=1024)
    parser.add_argument("--cpu-s", type=int, default=600)
    bounds = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (bounds.memory_mib << 20,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.cpu_s, bounds.cpu_s + 1))
    telling = _Telling()
    try:
        asked = ASKED.validate_json(sys.stdin.buffer.readline(_LINE_BYTES_MAX))
        result = Trial(_sales(sys.stdin.buffer), telling.progress).result(asked)
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
            for fault in error.errors(include_input=False)
        ]
        telling.line({"refused": {"code": "not-understood", "lines": lines[:_LINES_TOLD]}})
    except Refused as refused:
        telling.line({"refused": {"code": refused.code, "lines": refused.lines[:_LINES_TOLD]}})
    except MemoryError:
        telling.line({"refused": {"code": "too-large", "lines": [f"{bounds.memory_mib} MiB don't suffice"]}})
    else:
        telling.line({"result": result})
    return 0


def _sales(content: BinaryIO) -> Iterator[bytes]:
    while line := content.readline(_SALE_BYTES_MAX):
        if line.strip():
            yield line


if __name__ == "__main__":
    sys.exit(main())
