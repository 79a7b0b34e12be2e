"""Keys from end to end: blank terminal, technician's tool, a sale with a PIN, an opened case, and again."""

import asyncio
import json
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from protocol.security.keys import derive_terminal_key
from simulator.micropython_vm import MicropythonVm
from simulator.virtual_terminal import Card, VirtualTerminal
from tests.firmware.test_shop_day_on_vm import FAST, MERCHANT, PIN, PIN_CARD, PINNED, switch
from tests.switch.conftest import MASTER_KEY, SwitchProcess
from tools.cli import main
from tools.keys.connection import over_socket
from tools.keys.injection import inject
from tools.keys.package import KeyFault, read_component, read_package

__all__ = ("switch",)

NAME = PINNED
KEY = derive_terminal_key(MASTER_KEY, NAME, 1)
CARD = Card.issue("636949", 1)
VAFA = Path(sys.executable).with_name("vafa")


class Room:
    """The secured room: components, the terminal's package, and the tool."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said = ""
        self.run("transport", str(folder / "parts"))
        self.components = [folder / "parts" / f"component-{number}" for number in (1, 2)]
        (folder / "master.key").touch(mode=0o600)
        (folder / "master.key").write_text(MASTER_KEY.hex())
        self.package = folder / f"{NAME}.keys"
        self.pack(self.package)

    def run(self, *words: str) -> None:
        done = CliRunner().invoke(main, ["keys", *words])
        assert done.exit_code == 0, done.output
        self.said += done.output

    def pack(self, path: Path, terminal_id: str = NAME) -> None:
        of_key = ("--terminal", terminal_id, "--master-key-file", str(self.folder / "master.key"))
        self.run("package", *of_key, *self.with_components(), "-o", str(path))

    def with_components(self) -> list[str]:
        return [word for path in self.components for word in ("--component", str(path))]

    def secrets(self) -> list[str]:
        """What nobody may say: components, their sum, and the terminal's key."""
        components = [bytes.fromhex(path.read_text()) for path in self.components]
        total = bytes(left ^ right for left, right in zip(*components, strict=True))
        return [secret.hex() for secret in (*components, total, KEY)]


@asynccontextmanager
async def tool(*words: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """The tool at work, and the port at which it waits for a terminal."""
    process = await asyncio.create_subprocess_exec(str(VAFA), "keys", *words, stdout=PIPE, stderr=STDOUT)
    try:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        assert line.startswith("waiting for a terminal at 127.0.0.1:"), line
        yield process, int(line.rpartition(":")[2])
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def outcome(process: asyncio.subprocess.Process) -> tuple[int, str]:
    """Exit code of the tool, and what it said."""
    async with asyncio.timeout(60):
        said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


def blank(
    vm: MicropythonVm, folder: Path, switch: SwitchProcess, port: int, **parameters: object
) -> VirtualTerminal:
    return VirtualTerminal(
        vm,
        directory=folder / "terminal",
        terminal_id=NAME,
        merchant_id=MERCHANT,
        switch=switch.terminals,
        key=None,
        parameters={**FAST, "devices": {"service": port}, **parameters},
    )


async def sold_with_pin(terminal: VirtualTerminal) -> None:
    slips = len(terminal.receipts)
    await terminal.signed_on()
    await terminal.press("5000000")
    await terminal.wait_state("amount")
    await terminal.swipe(PIN_CARD)
    await terminal.wait_state("pin")
    await terminal.press(PIN + "\r")
    await terminal.wait_for(lambda: len(terminal.receipts) > slips, "receipt")
    assert "Approved" in " ".join(terminal.receipts[-1])
    await terminal.wait_state("idle")


async def again(terminal: VirtualTerminal) -> None:
    """It ended by itself; the board starts it again."""
    await terminal.ended()
    await terminal.power_on()


def test_from_a_blank_board_to_a_sale_with_a_pin_and_over_an_opened_case(
    vm: MicropythonVm, switch: SwitchProcess, tmp_path: Path
) -> None:
    room = Room(tmp_path)
    words = ["inject", str(room.package), *room.with_components(), "--listen"]

    async def scenario() -> None:
        async with tool(*words, "127.0.0.1:0") as (injecting, port):
            terminal = blank(vm, tmp_path, switch, port)
            async with terminal:
                code, said = await outcome(injecting)
                assert (code, said.splitlines()[-1]) == (0, "done: the terminal starts again")
                room.said += said
                event = terminal.events_named("out_of_service")[0]
                assert event["reason"] == "no_keys"
                shown = [str(one["check_value"]) for one in terminal.events_named("key_injected")]
                assert len(shown) == 3 and all(value in said for value in shown)
                assert terminal.lcd[1] == f"Key {shown[-1]}"
                await again(terminal)
                await sold_with_pin(terminal)
                assert [one["response_code"] for one in terminal.events_named("transaction")] == ["70", "00"]

                await terminal.open_case()
                await terminal.wait_event("keys_erased")
                wanted = ["Out of service", "The case was opened: keys gone", "Call support; sell by hand"]
                await terminal.wait_for(lambda: terminal.lcd[:3] == wanted, "the reason")
                content = (tmp_path / "terminal" / "keys.bin").read_bytes()
                assert KEY not in content and content.count(b"\xff") > len(content) - 64
                for _ in range(2):
                    await again(terminal) if terminal.state == "idle" else await terminal.restart()
                    await terminal.wait_event("out_of_service")
                    await terminal.wait_for(lambda: "opened" in terminal.lcd[1], "the reason")
                    terminal.events.clear()
            room.said += json.dumps(terminal.events) + terminal.stderr
            await healed(port)

    async def healed(port: int) -> None:
        async with (
            tool(*words, f"127.0.0.1:{port}") as (refused, _),
            blank(vm, tmp_path, switch, port) as terminal,
        ):
            code, said = await outcome(refused)
            assert code == 1 and "its case was opened" in said
            async with tool(*words, f"127.0.0.1:{port}", "--reopen") as (injecting, _):
                code, said = await outcome(injecting)
                assert code == 0, said
                await again(terminal)
                await sold_with_pin(terminal)
            told = json.dumps(terminal.events)
            assert "keys_reopened" in told
            room.said += said + told + terminal.stderr

    asyncio.run(scenario())
    assert not [secret for secret in room.secrets() if secret.lower() in room.said.lower()]


def test_the_fifth_wrong_attempt_costs_the_keys(
    vm: MicropythonVm, switch: SwitchProcess, tmp_path: Path
) -> None:
    room = Room(tmp_path)
    wanted = read_package(room.package)
    block = wanted.keys[0].block
    wanted.keys[0].block = block[:-1] + ("0" if block[-1] != "0" else "1")
    components = [read_component(path.read_text(), path.name) for path in room.components]
    told: list[str] = []

    def attempts(listener: socket.socket) -> list[str]:
        """What the technician hears, six times in one connection."""
        heard = []
        with over_socket(listener, 15) as ask:
            for _ in range(6):
                with pytest.raises(KeyFault) as fault:
                    inject(ask, wanted, lambda: components, told.append)
                heard.append(str(fault.value))
        return heard

    async def scenario() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            heard = asyncio.create_task(asyncio.to_thread(attempts, listener))
            async with blank(vm, tmp_path, switch, listener.getsockname()[1]) as terminal:
                *refused, wiped, at_last = await heard
                assert [text[-12:] for text in refused] == [f"(attempts {left})" for left in (4, 3, 2, 1)]
                assert "its keys are gone" in wiped and "its keys are gone" in at_last
                # The technician's line and the diagnostic one are two: what was heard may be told later.
                await terminal.wait_for(lambda: bool(terminal.events_named("keys_wiped")), "wiped keys")
                left = [event["attempts_left"] for event in terminal.events_named("key_refused")]
                assert left == [4, 3, 2, 1, 0]
                assert terminal.events_named("keys_wiped")[0]["cause"] == "attempts"

    asyncio.run(scenario())
    # The transport key went in once, and stayed until it was wiped.
    assert sum("component 1 of 2" in line for line in told) == 1


def test_a_supervisor_asks_for_keys_and_leaves_again(
    vm: MicropythonVm, switch: SwitchProcess, tmp_path: Path
) -> None:
    async def scenario() -> None:
        terminal = VirtualTerminal(
            vm,
            directory=tmp_path / "terminal",
            terminal_id=NAME,
            merchant_id=MERCHANT,
            switch=switch.terminals,
            key=KEY,
            parameters=FAST,
        )
        async with terminal:
            await terminal.signed_on()
            await terminal.press("M43")
            await terminal.wait_state("confirm")
            await terminal.press("\r")
            await again(terminal)
            await terminal.wait_for(lambda: terminal.lcd[2] == "Cancel: back to selling", "service")
            await terminal.press("\x1b")
            await again(terminal)
            await terminal.signed_on()
            assert (await terminal.purchase(CARD, 1_000_000)).approved

    asyncio.run(scenario())


@pytest.mark.parametrize("what", ["other", "components", "twice"])
def test_what_the_tool_refuses(what: str, tmp_path: Path) -> None:
    room = Room(tmp_path)
    package = tmp_path / "any.keys"
    room.pack(package, "OTHER001")
    components = room.with_components()
    if what == "twice":
        components = components[:2] * 2
    elif what == "components":
        CliRunner().invoke(main, ["keys", "transport", str(tmp_path / "others")])
        components = [*components[:2], "--component", str(tmp_path / "others" / "component-1")]
    files = [Path(word) for word in components[1::2]]
    brought = [read_component(path.read_text(), path.name) for path in files]
    name = NAME if what == "other" else "OTHER001"
    asked: list[str] = []

    def ask(line: str) -> str:
        asked.append(line)
        return f"ok {name} attempts=5 clear=open tampered=0 terminal=- transport=- pin=0"

    with pytest.raises(KeyFault):
        inject(ask, read_package(package), lambda: brought, lambda _: None)
    assert asked == ["status"]
