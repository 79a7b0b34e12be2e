"""`vafa firmware`: what it makes is what terminals take, and what OpenSSL makes."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simulator.micropython_vm import FIRMWARE
from tools.commands.firmware import firmware

sys.path.insert(0, str(FIRMWARE))

from terminal.security.signature import is_signed
from terminal.system.parameters import ParameterDocument, ParameterFault
from terminal.system.update.image import ImageFault, ImageHeader
from terminal.system.update.release import modulus_of


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(firmware, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("a", "b"):
        told = run("keys", folder / f"{name}.pem", folder / f"{name}.pub")
        assert told.exit_code == 0
    (folder / "content").write_bytes(bytes(range(256)) * 9)
    return folder


def packed(home: Path, *more: str | Path) -> Path:
    image = home / "image.vfu"
    told = run(
        "pack",
        home / "content",
        "--board",
        "unix",
        "--version",
        "1.2.3",
        "--counter",
        "7",
        "-o",
        image,
        *more,
    )
    assert told.exit_code == 0, told.output
    return image


def test_a_private_key_is_for_its_owner_only_and_is_never_shown(home: Path) -> None:
    assert stat.S_IMODE((home / "a.pem").stat().st_mode) == 0o600
    told = run("keys", home / "a.pem", home / "c.pub")
    assert told.exit_code == 1 and "exists" in told.output
    for name in ("a", "b"):
        assert "PRIVATE" not in (home / f"{name}.pub").read_text()
    assert "PRIVATE" not in told.output


def test_a_key_that_others_may_read_is_not_used(home: Path, tmp_path: Path) -> None:
    key = tmp_path / "open.pem"
    key.write_bytes((home / "a.pem").read_bytes())
    key.chmod(0o644)
    told = run("sign", packed(home), "--key", key)
    assert told.exit_code == 1 and "0600" in told.output


def test_a_terminal_takes_what_is_packed_and_signed(home: Path) -> None:
    image = packed(home)
    modulus = modulus_of((home / "a.pub").read_text())
    header = ImageHeader(image.read_bytes())
    with pytest.raises(ImageFault):
        header.check_signature(modulus)
    assert run("verify", image, "--public-key", home / "a.pub").exit_code == 1
    assert run("sign", image, "--key", home / "a.pem").exit_code == 0
    header = ImageHeader(image.read_bytes())
    header.check_signature(modulus)
    header.check_use("unix", (1, 0, 0), 7, 1 << 20)
    assert (header.version, header.counter) == ((1, 2, 3), 7)
    assert run("verify", image, "--public-key", home / "a.pub").exit_code == 0
    assert run("verify", image, "--public-key", home / "b.pub").exit_code == 1
    shown = json.loads(run("show", image, "--json").output)
    assert shown["version"] == "1.2.3" and shown["whole"] is True and shown["signed"] is True


def test_openssl_makes_the_same_signature(home: Path, tmp_path: Path) -> None:
    image = packed(home, "--key", home / "a.pem").read_bytes()
    (tmp_path / "head").write_bytes(image[:64])
    made = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", str(home / "a.pem"), str(tmp_path / "head")],
        check=True,
        capture_output=True,
        timeout=20,
    ).stdout
    assert image[64:320] == made


def test_a_damaged_image_is_neither_signed_nor_good(home: Path, tmp_path: Path) -> None:
    damaged = bytearray(packed(home, "--key", home / "a.pem").read_bytes())
    damaged[-1] ^= 1
    (tmp_path / "damaged").write_bytes(damaged)
    assert run("sign", tmp_path / "damaged", "--key", home / "a.pem").exit_code == 1
    assert run("verify", tmp_path / "damaged", "--public-key", home / "a.pub").exit_code == 1
    (tmp_path / "short").write_bytes(damaged[:-1])
    assert run("show", tmp_path / "short").exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--board", "Unix", "--version", "1.2.3"),
        ("--board", "unix", "--version", "1.2"),
        ("--board", "unix", "--version", "1.2.99999"),
    ],
    ids=["board", "short", "large"],
)
def test_impossible_labels_are_refused(home: Path, arguments: tuple[str, ...]) -> None:
    assert run("pack", home / "content", *arguments, "-o", home / "no").exit_code == 1
    assert not (home / "no").exists()


def test_a_terminal_takes_signed_parameters(home: Path, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"notice_ms": 6000}', "utf-8")
    signed = ("--key", home / "a.pem", "-o", tmp_path / "p.vpd")
    told = run("parameters", tmp_path / "p.json", "--terminal", "T0000001", "--sequence", "3", *signed)
    assert told.exit_code == 0, told.output
    data = (tmp_path / "p.vpd").read_bytes()
    modulus = modulus_of((home / "a.pub").read_text())
    document = ParameterDocument(data, modulus, "T0000001")
    assert (document.sequence, document.settings) == (3, {"notice_ms": 6000})
    with pytest.raises(ParameterFault, match="terminal"):
        ParameterDocument(data, modulus, "T0000002")
    assert run("verify", tmp_path / "p.vpd", "--public-key", home / "a.pub").exit_code == 0
    assert run("verify", tmp_path / "p.vpd", "--public-key", home / "b.pub").exit_code == 1
    for at in range(len(data)):
        wrong = bytearray(data)
        wrong[at] ^= 1 << at % 8
        with pytest.raises(ParameterFault):
            ParameterDocument(wrong, modulus, "T0000001")


def test_a_signature_of_another_digest_is_none(home: Path) -> None:
    image = packed(home, "--key", home / "a.pem").read_bytes()
    modulus = modulus_of((home / "a.pub").read_text())
    assert not is_signed(bytes(32), image[64:320], modulus)
