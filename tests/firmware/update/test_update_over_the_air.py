"""A real image from a real switch into a real terminal's slot, and from there started, on the VM."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from protocol.security.keys import derive_terminal_key
from simulator.firmware_image import compiled_firmware
from simulator.micropython_vm import FIRMWARE, MicropythonVm
from tests.switch.conftest import HOST, MASTER_KEY, SwitchProcess
from tools.update.image import Label, Version, content_of, pack, signed
from tools.update.signing_key import generate, modulus_of

PROGRAM = Path(__file__).parent / "on_vm" / "fetch_update.py"
HEAP_BYTES = 96 * 1024
SLOT_BLOCKS = 128
BLOCK_BYTES = 4096
COMPLETE = 1


def image_of(content: bytes, version: str, key: RSAPrivateKey) -> bytes:
    label = Label("unix", Version.of(version), Version.of("1.0.0"), 1)
    return signed(pack(label, content), key)


@pytest.fixture
def place(tmp_path: Path, switch_with_files: SwitchProcess) -> Path:
    """A terminal with the old image in its first slot; the new one lies at the switch."""
    key = generate(tmp_path / "signing.pem")
    board = tmp_path / "board"
    board.mkdir()
    (board / "update.pub").write_text(modulus_of(key).hex())
    settings = {"update_key": "update.pub", "slot_blocks": SLOT_BLOCKS}
    (board / "config.json").write_text(json.dumps(settings))
    content = content_of(compiled_firmware())
    old = image_of(content, "1.0.0", key)
    (board / "slots.bin").write_bytes(old.ljust(2 * SLOT_BLOCKS * BLOCK_BYTES, b"\xff"))
    files = switch_with_files.directory / "files" / "all"
    files.mkdir()
    (files / "FIRMWARE.unix").write_bytes(image_of(content, "2.0.0", key))
    return board


@pytest.fixture
def switch_with_files(tmp_path: Path) -> Iterator[SwitchProcess]:
    process = SwitchProcess(tmp_path / "switch")
    (process.directory / "files").mkdir()
    process.start(downloads_directory=process.directory / "files")
    yield process
    assert process.stop() == 0


def run(vm: MicropythonVm, script: Path, *arguments: object) -> list[dict[str, object]]:
    """The lines of JSON that a program prints before anything else."""
    done = subprocess.run(
        vm.command(script, *map(str, arguments), heap_bytes=HEAP_BYTES),
        env=vm.environment(compiled_firmware(), FIRMWARE),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert lines, done.stdout + done.stderr
    return lines


def test_an_update_comes_over_the_air_is_tried_and_rolled_back(
    vm: MicropythonVm, place: Path, switch_with_files: SwitchProcess
) -> None:
    config = place / "config.json"
    key = derive_terminal_key(MASTER_KEY, HOST, 1).hex()
    # There are no devices here, so that whatever is started comes to its end at once.
    assert run(vm, FIRMWARE / "boot.py", config)[0] == {"event": "starting", "slot": 0, "version": "1.0.0"}
    cut = run(vm, PROGRAM, config, *switch_with_files.terminals, HOST, key, 100)[0]
    assert (cut["asked"], cut["switched"]) == (100, False)
    rest = run(vm, PROGRAM, config, *switch_with_files.terminals, HOST, key, 2000)[0]
    assert (rest["state"], rest["switched"]) == (COMPLETE, True), rest
    image = (switch_with_files.directory / "files/all/FIRMWARE.unix").read_bytes()
    parts = -(-len(image) // 512)
    assert isinstance(rest["asked"], int)
    assert parts - 100 < rest["asked"] <= parts - 100 + BLOCK_BYTES // 512 + 1
    start = SLOT_BLOCKS * BLOCK_BYTES
    assert (place / "slots.bin").read_bytes()[start : start + len(image)] == image
    started = [run(vm, FIRMWARE / "boot.py", config)[0]["version"] for _ in range(3)]
    assert started == ["2.0.0", "2.0.0", "1.0.0"]
    again = run(vm, PROGRAM, config, *switch_with_files.terminals, HOST, key, 2000)[0]
    assert (again["asked"], again["switched"]) == (1, False)
