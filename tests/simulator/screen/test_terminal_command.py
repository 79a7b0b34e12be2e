"""`vafa terminal`: what it refuses, and a terminal of a switch that was there before."""

import asyncio
import socket
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from protocol.security.keys import derive_terminal_key
from simulator.scripted_switch import ScriptedSwitch
from tests.simulator.screen.page_client import opened
from tools.cli import main

VAFA = Path(sys.executable).with_name("vafa")
MASTER_KEY = bytes(range(32))
TERMINAL = "T0000009"
TIMEOUT_S = 60


def refused(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["terminal", "--no-browser", *arguments])
    assert isinstance(result.exception, SystemExit)
    return result.exit_code, result.stderr.splitlines()[-1]


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "master.key"
    path.touch(mode=0o600)
    path.write_text(MASTER_KEY.hex())
    return path


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--switch", "127.0.0.1:7583"), "--switch wants"),
        (("--terminal-id", TERMINAL), "go with --switch"),
        (("--pages", "9"), "--pages"),
        (("--switch", "nowhere", "--terminal-id", TERMINAL, "--merchant-id", "M"), "host:port"),
        (("--switch", "[::1]:1", "--terminal-id", "../../up", "--merchant-id", "M"), "eight letters"),
    ],
    ids=["no key", "no switch", "too many", "no port", "bad id"],
)
def test_wrong_options_are_refused(key_file: Path, arguments: tuple[str, ...], reason: str) -> None:
    key = ("--master-key-file", str(key_file)) if "--merchant-id" in arguments else ()
    code, line = refused(*arguments, *key)
    assert code == 2
    assert reason in line


def test_a_missing_vm_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAFA_MICROPYTHON", str(tmp_path / "nothing"))
    code, line = refused("--var", str(tmp_path / "var"))
    assert code == 1
    assert "install_micropython.sh" in line


def test_a_taken_port_is_told_in_one_line(key_file: Path) -> None:
    elsewhere = ("--switch", "127.0.0.1:1", "--master-key-file", str(key_file), "--terminal-id", TERMINAL)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, line = refused("--port", port, *elsewhere, "--merchant-id", "M")
    assert code == 1
    assert port in line and "in use" in line


def test_a_terminal_of_another_switch_signs_on_with_its_key(tmp_path: Path, key_file: Path) -> None:
    async def scenario() -> None:
        async with ScriptedSwitch(derive_terminal_key(MASTER_KEY, TERMINAL, 3)) as switch:
            process = await asyncio.create_subprocess_exec(
                VAFA, "terminal", "--no-browser", "--switch", f"127.0.0.1:{switch.address[1]}",
                "--master-key-file", str(key_file), "--generation", "3", "--terminal-id", TERMINAL,
                "--merchant-id", "SHOP9", "--var", str(tmp_path / "var"),
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            assert process.stdout is not None
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    address = (await process.stdout.readline()).decode().strip()
                    async with opened(address) as page:
                        hello = await page.event("hello")
                        assert (hello["terminal"], hello["has_club"], hello["has_journal"]) == (
                            TERMINAL,
                            False,
                            False,
                        )
                        await page.state("idle")
                    process.terminate()
                    assert await process.wait() == 0
            finally:
                if process.returncode is None:
                    process.kill()
            assert switch.requests_of("08")[0].text(41) == TERMINAL

    asyncio.run(scenario())
