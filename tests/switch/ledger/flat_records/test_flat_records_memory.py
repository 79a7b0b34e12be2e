"""How much memory flat records take, as the operating system sees it."""

import subprocess
import sys

from tests.switch.ledger.flat_records.stores import flat_records

COUNT = 100_000
# Ten million cards with their members shall fit into 1.2 GB.
FILLED_MAX_BYTES = 120
REPLACED_MAX_BYTES = 180
SCRIPT = "tests.switch.ledger.flat_records.memory_of_records"


def _measured(*options: str) -> list[int]:
    command = [sys.executable, "-m", SCRIPT, "flat", str(COUNT), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [int(figure) for figure in done.stdout.split()]


def test_a_card_with_its_member_takes_little_memory() -> None:
    for _ in flat_records():
        filled, filling, replacing = _measured()
        # The worst moment on the way is hardly worse: nothing is copied as a whole.
        assert filled <= filling <= FILLED_MAX_BYTES
        assert replacing <= REPLACED_MAX_BYTES


def test_what_nobody_has_any_more_takes_no_memory() -> None:
    for _ in flat_records():
        (bytes_of_a_change,) = _measured("changes")
        assert bytes_of_a_change <= 4
