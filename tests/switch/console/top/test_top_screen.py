"""`vafa switch top` on a screen, by keys, before a real switch."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import html
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING

import pytest

from tests.switch.conftest import Link, SwitchProcess, furnish
from tests.switch.console.top.typed import NONE, PATIENCE_S, VAFA, at, counted, token_file
from tools.top.app import TopApp
from tools.top.details import TERMINALS_PAGE
from tools.top.place import place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from textual.pilot import Pilot

    from tests.switch.conftest import Connect


def screen_of(app: TopApp) -> list[str]:
    """The lines that are really drawn, out of the screen's picture."""
    rows: dict[float, list[tuple[float, str]]] = {}
    for text in re.finditer(
        r'<text [^>]*?x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>', app.export_screenshot()
    ):
        content = html.unescape(text[3]).replace("\xa0", " ")
        rows.setdefault(float(text[2]), []).append((float(text[1]), content))
    return ["".join(content for _, content in sorted(row)).rstrip() for _, row in sorted(rows.items())]


class Operator:
    """Sits before a screen of one switch."""

    def __init__(self, app: TopApp, pilot: Pilot[None]) -> None:
        self._app = app
        self._pilot = pilot

    async def press(self, *keys: str) -> None:
        await self._pilot.press(*keys)

    async def until(self, *texts: str) -> str:
        """Look until all of them are on the screen."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            lines = screen_of(self._app)
            found = "\n".join(lines)
            if all(re.search(text, found) for text in texts):
                columns, rows = self._app.size
                assert len(lines) <= rows + 1 and all(len(line) <= columns for line in lines)
                return found
            assert time.monotonic() < deadline, f"{texts}\n{found}"
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def watching(switch: SwitchProcess, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Operator]:
    app = TopApp(place(switch.operations, token_file(switch), None, own_token_file=NONE), 0.1)
    async with app.run_test(size=size) as pilot:
        yield Operator(app, pilot)


@pytest.fixture(scope="module")
def lone_switch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SwitchProcess]:
    """A switch with the records of `host` that tells at once of a link that everybody has left."""
    found = SwitchProcess(tmp_path_factory.mktemp("lone"))
    path = found.directory / "alarms.toml"
    path.write_text('[[alarms]]\nname = "deserted-link"\nseverity = "critical"\nraise_after_s = 0\n')
    with contextlib.closing(Link(found.start(alarms_file=path).terminals)) as link:
        furnish(link)
    yield found
    if found.running:
        found.kill()


def test_the_screen_shows_what_metrics_has(lone_switch: SwitchProcess, connect: Connect) -> None:
    switch, terminal = lone_switch, connect(lone_switch)
    terminal.sign_on()

    async def scene() -> None:
        async with watching(switch) as operator:
            await operator.until("READY, live", r"position 4\b")
            for amount in (2_500_000, 0, 1_000_000):
                await asyncio.to_thread(terminal.call, terminal.purchase(amount))
            await operator.until(r"purchase +00 +\d+ +2 ", r"purchase +13 +\d+ +1 +invalid amount")
            told = counted(switch)
            assert told["answers_total,purchase,00"] == 2 and told["answers_total,purchase,13"] == 1
            await operator.until(
                f"position {told['journal_position']}  durable {told['journal_durable_position']}",
                f"{told['signed_on_terminals,terminals']} terminals signed on",
                r"day +20\d\d-\d\d-\d\d  2 sales  3,500,000 rial",
            )
            await operator.press("q")

    asyncio.run(scene())


def test_every_view_by_its_key(standing_switch: SwitchProcess, standing_host: Link) -> None:
    for number in range(2, 6):
        standing_host.make_terminal(f"T000000{number}", f"SHOP{9 - number}")

    async def scene() -> None:
        async with watching(standing_switch) as operator:
            await operator.until("READY", r"\[1 answers\]")
            await operator.press("l")
            await operator.until(r"\[2 links\]", r"> terminals +listening +1 +1", "connections: 1 signed_on")
            await operator.press("t")
            found = await operator.until(r"\[3 terminals\]", "row 1 of 5, by terminal, least first")
            assert re.search(r"> T0000001 +SHOP1 +7 +active", found)
            await operator.press("s", "end")
            found = await operator.until("row 5 of 5, by merchant, least first")
            assert [line[2:].split()[1] for line in found.splitlines() if "active" in line] == [
                "SHOP1", "SHOP4", "SHOP5", "SHOP6", "SHOP7",
            ]  # fmt: skip
            await operator.press("r")
            await operator.until(r"> T0000002 +SHOP7", "row 1 of 5, by merchant, greatest first")
            await operator.press("a")
            await operator.until(r"\[4 alarms\]", "no alarm is raised")
            await operator.press("tab")
            await operator.until(r"\[5 steps\]", r"decide +\d", r"sync +\d")
            await operator.press("question_mark")
            await operator.until("sort by the next column")
            await operator.press("escape", "1")
            await operator.until(r"\[1 answers\]", "network_management")

    asyncio.run(scene())


def test_many_terminals_are_turned_page_by_page(standing_switch: SwitchProcess, standing_host: Link) -> None:
    for number in range(TERMINALS_PAGE):
        standing_host.make_terminal(f"U{number:07d}", f"SHOP{number:03d}")
    count = counted(standing_switch)["terminals"]

    async def scene() -> None:
        async with watching(standing_switch, (100, 20)) as operator:
            await operator.press("3")
            await operator.until(f"terminals 1 to {TERMINALS_PAGE} of {count}")
            await operator.press("b", "n")
            found = await operator.until(f"terminals {TERMINALS_PAGE + 1} to {count} of {count}")
            assert f"row 1 of {count - TERMINALS_PAGE}," in found
            await operator.press("n", "b")
            await operator.until(f"terminals 1 to {TERMINALS_PAGE} of {count}", "row 1 of 200,")

    asyncio.run(scene())


def test_an_alarm_with_what_to_do(lone_switch: SwitchProcess, connect: Connect) -> None:
    switch = lone_switch
    link = connect(switch)
    link.sign_on("HOST0001")
    link.close()

    async def scene() -> None:
        async with watching(switch) as operator:
            await operator.until("ALARMS 1 critical")
            await operator.press("4")
            await operator.until(
                r"> critical +deserted-link +terminals +new +\d+ s +0", "certificates and the port"
            )

    asyncio.run(scene())


def test_a_switch_that_goes_away_and_comes_back(lone_switch: SwitchProcess) -> None:
    switch = lone_switch

    async def scene() -> None:
        async with watching(switch, (60, 12)) as operator:
            await operator.until("READY, live")
            await asyncio.to_thread(switch.kill)
            await operator.until(r"STALE for \d+ s", "no switch there")
            port = switch.operations.rpartition(":")[2]
            await asyncio.to_thread(lambda: switch.start(operations_port=port))
            found = await operator.until("READY, live")
            assert "STALE" not in found

    asyncio.run(scene())


def test_only_the_screen_wants_textual(standing_switch: SwitchProcess) -> None:
    program = "import sys; sys.modules['textual'] = None; from tools.cli import main; main()"
    command = [sys.executable, "-c", program, "switch", *at(standing_switch)]
    done = subprocess.run(
        [*command, "--once", "--interval", "0.1"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    with Screen(command) as screen:
        screen.until(lambda output: "pip install 'vafa[top]'" in output)
        assert screen.process.wait(PATIENCE_S) == 1


class Screen:
    """A terminal of 80 by 24."""

    def __init__(self, command: list[str]) -> None:
        self._master, child = os.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.modes = termios.tcgetattr(child)
        environment = {**os.environ, "TERM": "xterm-256color"}
        self.process = subprocess.Popen(
            command, stdin=child, stdout=child, stderr=child, start_new_session=True, env=environment
        )
        self._child = child
        self.output = ""

    def __enter__(self) -> Screen:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE_S)
        os.close(self._child)
        os.close(self._master)

    def press(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def until(self, is_so: Callable[[str], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_so(self.output):
            assert time.monotonic() < deadline, self.output
            if select.select([self._master], [], [], 0.2)[0]:
                self.output += os.read(self._master, 65_536).decode("utf-8", "replace")

    def is_as_it_was(self) -> bool:
        return termios.tcgetattr(self._child) == self.modes and "\x1b[?1049l" in self.output


@pytest.mark.parametrize("end", ["q", "sigterm"])
def test_a_real_terminal_is_left_as_it_was(standing_switch: SwitchProcess, end: str) -> None:
    with Screen([*VAFA, *at(standing_switch)]) as screen:
        screen.until(lambda output: "READY" in output)
        if end == "q":
            screen.press(b"q")
        else:
            screen.process.send_signal(signal.SIGTERM)
        screen.until(lambda output: "\x1b[?1049l" in output)
        assert screen.process.wait(PATIENCE_S) == 0
        assert screen.is_as_it_was() and "Traceback" not in screen.output
