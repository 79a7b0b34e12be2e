"""docs/examples/till: short, and it sells at a real switch."""

import subprocess
import sys
from pathlib import Path

from simulator.virtual_switch import VirtualSwitch

PROGRAM = Path(__file__).parents[2] / "docs/examples/till/till_program.py"
LINES_MAX = 32


def test_it_is_short() -> None:
    assert len(PROGRAM.read_text("utf-8").splitlines()) <= LINES_MAX


def test_it_sells(tmp_path: Path) -> None:
    with VirtualSwitch() as switch:
        profile, card = switch.profile(), switch.card()
        (tmp_path / "profile.toml").write_text(
            f'terminal_id = "{profile.terminal_id}"\nmerchant_id = "{profile.merchant_id}"\n'
            f'keys.{profile.terminal_id} = "{switch.key().hex()}"\n'
        )
        host, port = switch.terminals
        lines = [f"250000 {card.number}", f"100000 {card.number} points", f"90000000 {card.number} points"]
        lines += ["100 6280000000009991", "", "much 6280000000001006", "1 1"]
        done = subprocess.run(
            [sys.executable, PROGRAM, "profile.toml", host, str(port)],
            cwd=tmp_path,
            input="\n".join(lines) + "\n",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    earned, spent, poor, stranger, *refused = done.stdout.splitlines()
    assert earned == f"+25 -0: {card.points + 25} points"
    assert spent == f"+0 -100: {card.points - 75} points"
    assert poor.startswith("declined, 51") and stranger.startswith("declined, 14")
    assert len(refused) == 3 and all(line.startswith("no sale: ") for line in refused)
