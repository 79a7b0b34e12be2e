"""`vafa card` with a virtual card: what it prints, what it refuses, and what it keeps to itself."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from protocol.card_application import keys
from simulator.virtual_card.card import SAMPLE_MASTER_KEY
from simulator.virtual_card.memory import CardMemory
from simulator.virtual_card.store import CardStore
from tools.cli import main

NUMBER = "6369490000000013"
OWNER = ("--card-number", NUMBER, "--member-number", "12", "--expiry", "3012")
BALANCE = ("--balance", "500000", "--limit", "200000")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["card", *arguments])


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "card.bin")


def test_a_card_is_made_read_and_verified(place: str) -> None:
    made = run("personalise", *OWNER, *BALANCE, "--virtual", place)
    assert (made.exit_code, made.output) == (0, "personalised: 636949******0013, sequence 0, zone 1.1\n")
    assert "636949******0013" in run("read", "--virtual", place).stdout
    verified = run("verify", "--virtual", place, "--json", "--unsafe")
    told = json.loads(verified.stdout)
    assert (told["genuine"], told["card_number"], told["offline_balance"]["limit"]) == (True, NUMBER, 200_000)
    for line in run("verify", "--virtual", place).stdout.splitlines():
        assert NUMBER not in line
    assert run("personalise", *OWNER, "--virtual", place).exit_code == 1


def test_a_card_without_a_balance(place: str) -> None:
    run("personalise", *OWNER, "--virtual", place)
    assert json.loads(run("verify", "--virtual", place, "--json").stdout)["offline_balance"] is None


def test_a_blank_card(place: str) -> None:
    assert run("read", "--virtual", place).stderr == "Error: a blank card\n"
    assert run("verify", "--virtual", place).stderr == "Error: not genuine\n"


def test_a_copy_and_a_card_of_another_issuer(place: str, tmp_path: Path) -> None:
    run("personalise", *OWNER, *BALANCE, "--virtual", place)
    master = tmp_path / "master"
    master.touch(0o600)
    master.write_text("00" * 32, "ascii")
    refused = run("verify", "--virtual", place, "--master-key-file", str(master))
    assert (refused.exit_code, refused.stdout, refused.stderr) == (1, "", "Error: not genuine\n")
    memory = CardMemory(Path(place).read_bytes())
    store = CardStore(memory)
    person = store.person()
    assert person is not None
    store.personalise(person.identity, bytes(16))
    Path(place).write_bytes(memory.content)
    assert run("verify", "--virtual", place).stderr == "Error: not genuine\n"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("--card-number", "6369490000000014"), "check digit"),
        (("--card-number", "63694900a"), "check digit"),
        (("--expiry", "3013"), "YYMM"),
        (("--member-number", "0"), "0 is not in the range"),
        (("--zone", "65536"), "not in the range"),
        (("--balance", str(2**48)), "balance must be"),
        (("--balance", "1", "--currency", "36"), "currency must be"),
    ],
    ids=["check digit", "letter", "month", "member", "zone", "balance", "currency"],
)
def test_wrong_options(changed: tuple[str, ...], told: str, place: str) -> None:
    done = run("personalise", *OWNER, *changed, "--virtual", place)
    assert done.exit_code == 2
    assert told in done.stderr
    assert not Path(place).exists()


@pytest.mark.parametrize(
    ("content", "mode", "told"),
    [
        ("00" * 32, 0o640, "mode 0600"),
        ("00" * 31, 0o600, "64 hexadecimal digits"),
        ("no key", 0o600, "64 hexadecimal digits"),
        ("سلام", 0o600, "64 hexadecimal digits"),
    ],
    ids=["readable", "short", "text", "other text"],
)
def test_key_files_that_are_none(content: str, mode: int, told: str, place: str, tmp_path: Path) -> None:
    path = tmp_path / "master"
    path.write_text(content, "utf-8")
    path.chmod(mode)
    run("personalise", *OWNER, "--virtual", place)
    done = run("verify", "--virtual", place, "--master-key-file", str(path))
    assert done.exit_code == 1
    assert told in done.stderr
    assert content not in done.stderr


def test_a_file_that_is_no_card(tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(b"something else")
    assert "something else than a virtual card" in run("read", "--virtual", str(path)).stderr
    assert path.read_bytes() == b"something else"
    assert "virtual card" in run("read", "--virtual", str(path / "below")).stderr


def test_a_real_card_wants_real_keys() -> None:
    for command in (("verify",), ("personalise", *OWNER)):
        done = run(*command)
        assert (done.exit_code, done.stderr) == (1, "Error: a real card wants --master-key-file\n")


def test_without_pyscard_it_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("smartcard", "smartcard.System", "smartcard.pcsc.PCSCExceptions"):
        monkeypatch.setitem(sys.modules, name, None)
    for command in ("readers", "read"):
        done = run(command)
        assert done.exit_code == 1
        assert "pip install -e '.[card]'" in done.stderr
        assert "--virtual" in done.stderr


def test_a_zone_key_goes_into_a_new_file_of_its_owner(tmp_path: Path) -> None:
    master, output = tmp_path / "master", tmp_path / "zone"
    master.touch(0o600)
    master.write_text(SAMPLE_MASTER_KEY.hex(), "ascii")
    options = ("zone-key", "--zone", "7", "--generation", "2", "--master-key-file", str(master), str(output))
    done = run(*options)
    assert (done.exit_code, done.output) == (0, "")
    assert bytes.fromhex(output.read_text("ascii")) == keys.zone_key(SAMPLE_MASTER_KEY, 7, 2)
    assert output.stat().st_mode & 0o777 == 0o600
    assert run(*options).exit_code == 1
