"""A log that nobody reads: a real pipe, full to the brim, stops neither a thread nor the switch."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from protocol.spec import load_spec
from switch.logs import LineFormatter, LogFormat, SwitchHandler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.switch.conftest import Connect, SwitchAt

QUEUE_CHARACTERS_MAX = 200_000
SENT = 4000
STOP_TIMEOUT_S = 60.0


class Pipe:
    """A pipe whose reader reads when it is told to."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        self._is_open = [True, True]

    def fill(self) -> int:
        """Write until nothing more goes in; how much that was."""
        os.set_blocking(self.writer, False)
        count = 0
        try:
            while True:
                count += os.write(self.writer, b"\n")
        except BlockingIOError:
            os.set_blocking(self.writer, True)
            return count

    def read_all(self) -> list[str]:
        """All lines up to the end of the last writer."""
        self.close(1)
        parts = []
        while data := os.read(self.reader, 65_536):
            parts.append(data)
        return b"".join(parts).decode().splitlines()

    def close(self, *ends: int) -> None:
        for end in ends:
            if self._is_open[end]:
                os.close((self.reader, self.writer)[end])
                self._is_open[end] = False


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    found = Pipe()
    yield found
    found.close(0, 1)


def test_lines_beyond_the_queue_are_dropped_counted_and_told_in_their_place(pipe: Pipe) -> None:
    stream = os.fdopen(os.dup(pipe.writer), "w")
    handler = SwitchHandler(stream, queue_characters_max=QUEUE_CHARACTERS_MAX)
    handler.setFormatter(LineFormatter(LogFormat.JSON, load_spec("vafa")))
    for number in range(SENT):
        handler.emit(logging.LogRecord("switch", logging.INFO, "", 0, f"line {number} {'.' * 200}", (), None))
    missed = handler.dropped
    assert handler.lines["info"] == SENT - missed
    assert QUEUE_CHARACTERS_MAX // 300 < SENT - missed < SENT

    found: list[str] = []
    reading = threading.Thread(target=lambda: found.extend(pipe.read_all()))
    reading.start()
    handler.flush()
    handler.emit(logging.LogRecord("switch", logging.INFO, "", 0, "the last one", (), None))
    handler.flush()
    handler.close()
    stream.close()
    reading.join(STOP_TIMEOUT_S)
    lines = [json.loads(line) for line in found]
    (place,) = [place for place, line in enumerate(lines) if line.get("fields") == {"dropped": missed}]
    assert lines[place]["level"] == "warning"
    assert f"{missed} lines" in lines[place]["text"]
    assert [line["text"].split()[1] for line in lines[:place]] == [str(n) for n in range(SENT - missed)]
    assert [line["text"] for line in lines[place + 1 :]] == ["the last one"]
    assert handler.dropped == missed


def test_a_reader_that_went_away_stops_nothing(pipe: Pipe) -> None:
    stream = os.fdopen(os.dup(pipe.writer), "w")
    handler = SwitchHandler(stream)
    pipe.close(0, 1)
    for number in range(3):
        handler.emit(logging.LogRecord("switch", logging.INFO, "", 0, f"line {number}", (), None))
    handler.flush()
    assert handler.dropped == 3
    handler.close()
    stream.close()


@pytest.mark.parametrize("is_read", [False, True], ids=["never read", "read in the end"])
def test_a_switch_serves_and_stops_though_its_log_is_not_read(
    switch_at: SwitchAt, connect: Connect, pipe: Pipe, *, is_read: bool
) -> None:
    filled = pipe.fill()
    process = switch_at()
    process.process = subprocess.Popen(
        [sys.executable, "-m", "switch"],
        env=process.environment(log_level="DEBUG", log_format="json"),
        stdout=subprocess.PIPE,
        stderr=pipe.writer,
        text=True,
    )
    assert process.process.stdout is not None
    ready = json.loads(process.process.stdout.readline())
    host, _, port = ready["terminals"].rpartition(":")
    process.terminals, process.operations = (host, int(port)), f"http://{ready['operations']}"
    link = connect(process)
    link.sign_on("HOST0001")
    assert link.make_terminal().fields[39] == "00"
    stranger = connect(process)
    stranger.send(stranger.purchase(1000, terminal_id="T9999999"))
    assert stranger.is_closed()
    assert process.get("/health/ready")[0] == 200
    page = process.get("/metrics")[1].decode()
    assert "vafa_switch_log_lines_dropped_total 0\n" in page
    assert 'vafa_switch_log_lines_total{level="info"} 0' not in page

    if not is_read:
        process.process.send_signal(signal.SIGTERM)
        assert process.process.wait(STOP_TIMEOUT_S) == 0
        process.process.stdout.close()
        return
    found: list[str] = []
    reading = threading.Thread(target=lambda: found.extend(pipe.read_all()))
    reading.start()
    assert process.stop() == 0
    reading.join(STOP_TIMEOUT_S)
    lines = [json.loads(line) for line in found[filled:]]
    texts = [line["text"] for line in lines]
    assert any("rule table 1 in force" in text for text in texts)
    assert "draining" in texts
