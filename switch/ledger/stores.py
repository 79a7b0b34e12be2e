"""Where a state keeps its accounts, lots, counters, records and windows: plain objects or flat memory.

Both hold the same and say the same, to the digest. Flat memory is there where the compiled core was built;
what the core decides by itself it reads and moves there.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, TypeVar, runtime_checkable

from switch.ledger.accounts import Accounts
from switch.ledger.counters import CounterStore
from switch.ledger.lots import Lots
from switch.ledger.records import CardRecord, MemberRecord
from switch.ledger.requests import RequestWindow

if TYPE_CHECKING:
    from switch.ledger.flat.accounts import FlatAccounts
    from switch.ledger.flat.counters import FlatCounters
    from switch.ledger.flat.lots import FlatLots
    from switch.ledger.flat.records import FlatRecords
    from switch.ledger.flat.requests import FlatWindow

Window: TypeAlias = "RequestWindow | FlatWindow"
CounterStores: TypeAlias = "CounterStore | FlatCounters"
AccountStore: TypeAlias = "Accounts | FlatAccounts"
LotStore: TypeAlias = "Lots | FlatLots"

Key = TypeVar("Key", int, bytes, str)
Value = TypeVar("Value")
Key_co = TypeVar("Key_co", covariant=True)
Value_co = TypeVar("Value_co", covariant=True)

ENGINE_VARIABLE = "VAFA_SWITCH_ENGINE"

# They are imported by name: nothing but this list may depend on what an installation may lack.
_CORE = ("switch.ledger.flat.fold", "switch.rules.flat.evaluator", "switch.gate.flat.desk")


class Engine(StrEnum):
    """Who decides: PYTHON is the definition, COMPILED does the same on flat memory."""

    PYTHON = "python"
    COMPILED = "compiled"


class EngineFault(Exception):  # noqa: N818  (a fault is the field's word)
    """An engine is asked for that isn't there; the text is for the operator."""


class Stores(NamedTuple):
    """The parts of a state that either engine has its own form of. `records` is only flat memory's."""

    engine: Engine
    accounts: AccountStore
    lots: LotStore
    counters: CounterStores
    cards: MutableMapping[bytes, CardRecord]
    members: MutableMapping[int, MemberRecord]
    cards_of_member: MutableMapping[int, int]
    last_purchase_s: MutableMapping[int, int]
    last_household_purchase_s: MutableMapping[int, int]
    new_window: Callable[[], Window]
    records: "FlatRecords | None"


@runtime_checkable
class InOrder(Protocol[Key_co, Value_co]):
    """A mapping that gives its items in the order of keys without having all of them at once."""

    def sorted_items(self) -> Iterator[tuple[Key_co, Value_co]]:
        """Keys and values."""


def in_order(part: Mapping[Key, Value]) -> Iterable[tuple[Key, Value]]:
    """Keys and values of a store's part, sorted by key; keys differ, so values are never compared."""
    if isinstance(part, InOrder):
        return part.sorted_items()
    return sorted(part.items())


@cache
def compiled_is_there() -> bool:
    """Whether the compiled core was built, all of it: a part alone is as good as none."""
    try:
        for name in _CORE:
            import_module(name)
    except (ImportError, ValueError):  # ValueError: parts of different builds
        return False
    return True


def engine_wanted() -> Engine:
    """The engine that the environment names, else the compiled one where it is there. Raises EngineFault."""
    wanted = os.environ.get(ENGINE_VARIABLE, "")
    if not wanted:
        return Engine.COMPILED if compiled_is_there() else Engine.PYTHON
    if wanted not in tuple(Engine):
        raise EngineFault(f"{ENGINE_VARIABLE} is 'python' or 'compiled', not {wanted!r}")
    if wanted == Engine.COMPILED and not compiled_is_there():
        raise EngineFault("the compiled core was not built: there was no C compiler at installation")
    return Engine(wanted)


def empty_stores(engine: Engine) -> Stores:
    """Stores of an engine, with nothing in them."""
    if engine == Engine.PYTHON:
        accounts = Accounts()
        return Stores(
            engine, accounts, Lots(accounts), CounterStore(), {}, {}, {}, {}, {}, RequestWindow, None
        )
    from switch.ledger.flat.accounts import FlatAccounts  # noqa: PLC0415  (as above)
    from switch.ledger.flat.counters import FlatCounters  # noqa: PLC0415
    from switch.ledger.flat.lots import FlatLots  # noqa: PLC0415
    from switch.ledger.flat.records import FlatRecords  # noqa: PLC0415
    from switch.ledger.flat.requests import FlatWindow  # noqa: PLC0415

    flat_accounts, records = FlatAccounts(), FlatRecords()
    return Stores(
        engine,
        flat_accounts,
        FlatLots(flat_accounts),
        FlatCounters(),
        records.cards,
        records.members,
        records.cards_of_member,
        records.last_purchase_s,
        records.last_household_purchase_s,
        FlatWindow,
        records,
    )
