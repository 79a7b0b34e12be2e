"""`vafa terminal-files`: what it makes is what the terminal's own code takes."""

import hashlib
import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from protocol.security.keys import derive_terminal_key
from simulator.micropython_vm import FIRMWARE
from tools.commands.terminal_files import terminal_files

sys.path.insert(0, str(FIRMWARE))

from terminal.messages.cmac import CmacKey
from terminal.transactions.offline_table import TABLE_KEY_INPUT, OfflineTable, card_tag

MASTER_KEY = bytes(range(32))
TERMINAL = "T0000001"
NOW = 1_800_000_000  # 2027-01-15 08:00:00 UTC
KEY = CmacKey(derive_terminal_key(MASTER_KEY, TERMINAL, 1)).derive(TABLE_KEY_INPUT)
BLOCKED = "6369490000000013"
PLAN = f"""
sequence = 5
valid_from = 2027-01-15T08:00:00Z
valid_until = 2027-02-15T08:00:00+03:30
ranges = [["636949", "636949"], ["9364000000", "93640"]]
earns = [{{ amount = 0, points = 1, credit = 200 }}, {{ amount = 10_000_000, points = 2, credit = 300 }}]
blocked = ["{BLOCKED}"]

[limits]
sale = 5_000_000_000
card_sales = 2
card = 8_000_000
day = 30_000_000
sales = 10
sum = 50_000_000
"""


def run(folder: Path, plan: str, *more: str) -> tuple[int, str, Path]:
    key_file = folder / "master.key"
    key_file.touch(mode=0o600)
    key_file.write_text(MASTER_KEY.hex())
    (folder / "plan.toml").write_text(plan)
    out = folder / "table.bin"
    arguments = ["offline-table", str(folder / "plan.toml"), "--terminal", TERMINAL, "-o", str(out)]
    done = CliRunner().invoke(terminal_files, [*arguments, "--master-key-file", str(key_file), *more])
    return done.exit_code, done.output, out


def test_a_table_says_what_its_plan_says(tmp_path: Path) -> None:
    code, said, out = run(tmp_path, PLAN)
    assert code == 0, said
    assert out.stat().st_mode & 0o777 == 0o600
    data = out.read_bytes()
    table = OfflineTable(data, KEY, terminal_id=TERMINAL, now=NOW, least_sequence=5)
    assert (table.sequence, table.valid_from, table.valid_until) == (5, NOW, NOW + 31 * 86_400 - 12_600)
    assert (table.sale_limit, table.card_number_limit, table.card_limit) == (5_000_000_000, 2, 8_000_000)
    assert (table.day_limit, table.number_limit, table.sum_limit) == (30_000_000, 10, 50_000_000)
    numbers = ("6369490000000013", "6369500000000000", "9364000000000001", "9364100000000000")
    assert [table.has_range_of(number) for number in numbers] == [True, False, True, False]
    assert table.preview(1_000_000) == (100, 20_000) and table.preview(10_000_000) == (2_000, 300_000)
    assert table.is_blocked(card_tag(KEY, BLOCKED)) and not table.is_blocked(
        card_tag(KEY, BLOCKED[:-1] + "0")
    )
    assert BLOCKED.encode() not in data and bytes.fromhex(BLOCKED) not in data


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("sequence = 5", "sequence = 0", "sequence"),
        ("2027-02-15T08:00:00+03:30", "2027-01-15T08:00:00Z", "valid_from must be before"),
        ("2027-01-15T08:00:00Z", "2027-01-15T08:00:00", "timezone"),
        ('"93640"]', '"93"]', ""),
        ('["636949", "636949"]', '["636950", "636949"]', "range ends before"),
        ("amount = 10_000_000", "amount = 0", "must rise"),
        ("sales = 10\n", "", "limits.sales"),
        ("sum =", "summ =", "limits.summ"),
        ("sequence = 5", "sequence = ", "plan.toml"),
    ],
    ids=["sequence", "times", "zone", "wide range", "range", "steps", "missing", "unknown", "toml"],
)
def test_plans_that_are_none(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert old in PLAN
    code, said, out = run(tmp_path, PLAN.replace(old, new))
    if complaint:
        assert code == 1 and complaint in said and not out.exists()
    else:
        assert code == 0


def test_more_than_a_terminal_keeps(tmp_path: Path) -> None:
    many = ", ".join(f'"{number}"' for number in range(6369490000000000, 6369490000001000))
    code, said, _ = run(tmp_path, PLAN.replace(f'"{BLOCKED}"', many))
    assert code == 1 and "block fewer cards" in said


def test_a_key_that_others_may_read(tmp_path: Path) -> None:
    run(tmp_path, PLAN)
    (tmp_path / "master.key").chmod(0o644)
    code, said, _ = run(tmp_path, PLAN)
    assert code == 1 and "0600" in said and MASTER_KEY.hex() not in said


def operators(folder: Path, pins: list[str], *who: str) -> tuple[int, str, Path]:
    out = folder / "operators.json"
    typed = "".join(f"{pin}\n{pin}\n" for pin in pins)
    done = CliRunner().invoke(terminal_files, ["operators", *who, "-o", str(out)], input=typed)
    return done.exit_code, done.output, out


def test_records_of_operators(tmp_path: Path) -> None:
    code, said, out = operators(tmp_path, ["1234", "98765"], "7:cashier", "9:supervisor")
    assert code == 0, said
    assert out.stat().st_mode & 0o777 == 0o600
    first, second = json.loads(out.read_text())["operators"]
    assert (first["id"], first["role"], second["id"], second["role"]) == ("7", "cashier", "9", "supervisor")
    for record, pin in ((first, b"1234"), (second, b"98765")):
        salt = bytes.fromhex(record["salt"])
        assert hashlib.pbkdf2_hmac("sha256", pin, salt, record["rounds"]).hex() == record["check"]
    assert first["salt"] != second["salt"]
    assert "1234" not in said and "98765" not in said


@pytest.mark.parametrize(
    ("who", "pin"),
    [
        (["7:cashier"], "1234"),
        (["7:supervisor", "7:cashier"], "1234"),
        (["x:supervisor"], "1234"),
        (["7:king"], "1234"),
        (["7:supervisor"], "123"),
        (["7:supervisor"], "12a4"),
    ],
    ids=["no supervisor", "twice", "number", "role", "short pin", "letters"],
)
def test_operators_that_are_none(tmp_path: Path, who: list[str], pin: str) -> None:
    code, _, out = operators(tmp_path, [pin] * 2, *who)
    assert code == 1 and not out.exists()
