"""The ledger's stores, plain and flat. Without a C compiler there are the plain ones only."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import pytest

from switch.ledger.accounts import Accounts
from switch.ledger.counters import CounterStore
from switch.ledger.lots import Lots
from switch.ledger.requests import RequestWindow

try:
    from switch.ledger.flat.accounts import FlatAccounts
    from switch.ledger.flat.counters import FlatCounters
    from switch.ledger.flat.lots import FlatLots
    from switch.ledger.flat.requests import FlatWindow
except ImportError:
    HAS_FLAT = False
else:
    HAS_FLAT = True


class Balances(NamedTuple):
    """Accounts and the lots behind them."""

    accounts: "Accounts | FlatAccounts"
    lots: "Lots | FlatLots"


Counters: TypeAlias = "CounterStore | FlatCounters"
Window: TypeAlias = "RequestWindow | FlatWindow"


class Stores(NamedTuple):
    """How to make each store of one implementation."""

    balances: Callable[[], Balances]
    counters: Callable[[], Counters]
    window: Callable[[], Window]


def _plain_balances() -> Balances:
    accounts = Accounts()
    return Balances(accounts, Lots(accounts))


def _flat_balances() -> Balances:
    accounts = FlatAccounts()
    return Balances(accounts, FlatLots(accounts))


PLAIN = Stores(_plain_balances, CounterStore, RequestWindow)
IMPLEMENTATIONS = {"plain": PLAIN}
if HAS_FLAT:
    IMPLEMENTATIONS["flat"] = Stores(_flat_balances, FlatCounters, FlatWindow)

each_implementation = pytest.mark.parametrize("stores", IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS)
