"""Resident memory of the ledger's stores: python -m tests.switch.ledger.flat.memory_of_stores flat 1000000

Prints bytes for each account with its lot, for each counter, and for each terminal with three requests.
"""

import gc
import sys
from collections.abc import Callable
from pathlib import Path

from switch.journal.entries import NO_TRANSFER, LotMove, Reason, Transfer
from switch.rules.outcome import CounterKey, CounterMove
from tests.switch.ledger.flat.implementations import IMPLEMENTATIONS, Balances, Counters, Stores, Window

PURSE = 91
LIABILITY = 1 << 56 | 1 << 8 | PURSE
DAY_S = 86_400
FIRST_EXPIRY_S = 20_900 * DAY_S
_STATUS_FILE = Path("/proc/self/status")


def _accounts(stores: Stores, count: int) -> Balances:
    balances = stores.balances()
    for owner in range(1, count + 1):
        account = 2 << 56 | owner << 8 | PURSE
        balances.accounts.post([Transfer(PURSE, LIABILITY, account, 10, Reason.EARN)])
        expires_at_s = FIRST_EXPIRY_S + owner % 30 * DAY_S
        balances.lots.apply([LotMove(NO_TRANSFER, account, 0, expires_at_s, 10)])
    return balances


def _counters(stores: Stores, count: int) -> Counters:
    counters = stores.counters()
    for subject in range(count):
        key = CounterKey(f"R-{subject % 10}/0", subject, 20_600, 20_650)
        counters.apply([CounterMove(key, 3, True, False)])
    return counters


def _windows(stores: Stores, count: int) -> list[Window]:
    windows = [stores.window() for _ in range(count)]
    for window in windows:
        for number in range(1, 4):
            window.remember(FIRST_EXPIRY_S * 1_000_000 + number, number)
    return windows


def _resident_bytes() -> int:
    gc.collect()
    line = next(line for line in _STATUS_FILE.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


def _grown_bytes(fill: Callable[[Stores, int], object], stores: Stores, count: int) -> tuple[int, object]:
    before = _resident_bytes()
    filled = fill(stores, count)
    return (_resident_bytes() - before) // count, filled


def main() -> None:
    stores, count = IMPLEMENTATIONS[sys.argv[1]], int(sys.argv[2])
    kept = [_grown_bytes(fill, stores, count) for fill in (_accounts, _counters)]
    kept.append(_grown_bytes(_windows, stores, count // 10))
    print(*[grown for grown, _ in kept])


if __name__ == "__main__":
    main()
