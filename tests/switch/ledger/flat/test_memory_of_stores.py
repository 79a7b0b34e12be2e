"""What accounts, counters and windows cost in memory, measured in a process of their own."""

import subprocess
import sys

import pytest

from tests.switch.ledger.flat.implementations import IMPLEMENTATIONS

COUNT = 200_000
# Bytes: an account with its lot, a counter, a terminal with three requests.
BOUNDS = {"plain": (400, 300, 1_000), "flat": (64, 52, 160)}


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
def test_the_stores_take_little_memory(name: str) -> None:
    program = [sys.executable, "-m", "tests.switch.ledger.flat.memory_of_stores", name, str(COUNT)]
    done = subprocess.run(program, capture_output=True, text=True, check=True, timeout=120)
    found = tuple(int(word) for word in done.stdout.split())
    assert all(grown <= bound for grown, bound in zip(found, BOUNDS[name], strict=True)), found
