"""Showing figures once, or again and again until Ctrl-C."""

import json
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from tools.top.reading import Figures, Moment, StatusReader, TopFault, figures
from tools.top.screen import screen

# ECMA-48: alternate screen and hidden cursor, and back; home; erase to the end of the line, of the screen.
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
_HOME, _REST_OF_LINE, _REST_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"


def show_once(reader: StatusReader, url: str, interval_s: float, *, as_json: bool) -> None:
    """One picture, of an interval from now on. Raises TopFault."""
    before = reader.read()
    time.sleep(interval_s)
    found = figures(before, reader.read())
    if as_json:
        sys.stdout.write(as_line(found))
    else:
        columns, rows = shutil.get_terminal_size()
        rows = rows if sys.stdout.isatty() else 1000
        sys.stdout.write("".join(f"{line}\n" for line in screen(found, url, columns, rows)))


def show_live(reader: StatusReader, url: str, interval_s: float, *, as_json: bool) -> None:
    """A picture each interval until KeyboardInterrupt; while the switch doesn't answer, it says so.

    Raises TopFault where the switch isn't there at the beginning.
    """
    before = reader.read()
    on_screen = sys.stdout.isatty() and not as_json
    with _full_screen(sys.stdout) if on_screen else _plain():
        last: Figures | None = None
        while True:
            time.sleep(interval_s)
            fault = ""
            try:
                after = reader.read()
                last = figures(before, after)
                before = after
            except TopFault as caught:
                fault, before = str(caught), Moment(time.monotonic_ns(), before.page)
            if as_json:
                sys.stdout.write(as_line(last) if last is not None and not fault else _fault_line(fault))
            else:
                _draw(last, fault, url, on_screen=on_screen)
            sys.stdout.flush()


def as_line(found: Figures) -> str:
    """Figures as one line of JSON; times in nanoseconds."""
    metrics = found.page.metrics
    document = {
        "ready": found.page.ready,
        "reasons": found.page.reasons,
        "interval_ns": found.seconds_ns,
        "requests_per_s": found.requests_per_s,
        "approved_per_s": found.approved_per_s,
        "declined_per_s": found.declined_per_s,
        "repeats_per_s": found.repeats_per_s,
        "refused_per_s": found.refused_per_s,
        "cpu_per_cent": found.cpu_per_cent,
        "steps": {name: step._asdict() for name, step in found.steps.items()},
        "batch_p50": found.batch_p50,
        "commit_entries_p50": found.commit_entries_p50,
        "answers": [each._asdict() for each in found.answers],
        "rule_table_digest": found.page.rule_table_digest,
        **metrics.model_dump(exclude={"answers", "step_ns", "batch_requests", "commit_entries"}),
    }
    return json.dumps(document, ensure_ascii=False) + "\n"


def _fault_line(fault: str) -> str:
    return json.dumps({"ready": False, "fault": fault}, ensure_ascii=False) + "\n"


def _draw(last: Figures | None, fault: str, url: str, *, on_screen: bool) -> None:
    columns, rows = shutil.get_terminal_size()
    lines = [fault[:columns]] if fault else []
    if last is not None:
        lines += screen(last, url, columns, (rows if on_screen else 1000) - len(lines) - 1)
    if on_screen:
        sys.stdout.write(_HOME + "".join(f"{line}{_REST_OF_LINE}\n" for line in lines) + _REST_OF_SCREEN)
    else:
        sys.stdout.write("".join(f"{line}\n" for line in lines) + "\n")


@contextmanager
def _full_screen(stream: TextIO) -> Iterator[None]:
    stream.write(_ENTER)
    try:
        yield
    finally:
        stream.write(_LEAVE)
        stream.flush()


@contextmanager
def _plain() -> Iterator[None]:
    yield
