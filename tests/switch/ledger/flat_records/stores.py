"""Records of both kinds under one shape: plain dicts, the definition, and flat memory where it is built."""

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from switch.ledger.records import CardRecord, MemberRecord
from switch.ledger.stores import Engine, Stores, empty_stores

try:
    from switch.ledger.flat.records import FlatRecords
except ImportError:
    HAS_FLAT = False
else:
    HAS_FLAT = True

Key = TypeVar("Key", bytes, int)
Value = TypeVar("Value", CardRecord, MemberRecord, int)


class SortedMap(Protocol[Key, Value]):
    """What the tests use of a mapping."""

    def __getitem__(self, key: Key) -> Value: ...
    def __setitem__(self, key: Key, value: Value) -> None: ...
    def __delitem__(self, key: Key) -> None: ...
    def __contains__(self, key: object) -> bool: ...
    def __iter__(self) -> Iterator[Key]: ...
    def __len__(self) -> int: ...
    def get(self, key: Key) -> Value | None: ...
    def pop(self, key: Key) -> Value: ...
    def sorted_items(self) -> Iterator[tuple[Key, Value]]: ...


class PlainMap(dict[Key, Value]):
    """A dict that sorts."""

    def sorted_items(self) -> Iterator[tuple[Key, Value]]:
        """Keys and values in the order of keys."""
        return iter(sorted(self.items()))


class Records(Protocol):
    """What the tests use of records."""

    @property
    def cards(self) -> SortedMap[bytes, CardRecord]: ...
    @property
    def members(self) -> SortedMap[int, MemberRecord]: ...
    @property
    def last_purchase_s(self) -> SortedMap[int, int]: ...


class PlainRecords:
    """Dicts, as the Python engine has them."""

    def __init__(self) -> None:
        self.cards: PlainMap[bytes, CardRecord] = PlainMap()
        self.members: PlainMap[int, MemberRecord] = PlainMap()
        self.last_purchase_s: PlainMap[int, int] = PlainMap()


KINDS: dict[str, Callable[[], Records]] = {
    "plain": PlainRecords,
    **({"flat": FlatRecords} if HAS_FLAT else {}),
}


def flat_records() -> "tuple[FlatRecords, ...]":
    """Empty flat records, none where they aren't built."""
    return (FlatRecords(),) if HAS_FLAT else ()


def stores_over(records: "FlatRecords") -> Stores:
    """Plain stores, but for their records."""
    return empty_stores(Engine.PYTHON)._replace(
        cards=records.cards,
        members=records.members,
        cards_of_member=records.cards_of_member,
        last_purchase_s=records.last_purchase_s,
        last_household_purchase_s=records.last_household_purchase_s,
    )


def stores_with_flat_records(engine: Engine) -> Stores:
    """In the place of `empty_stores`: the Python engine over flat records where they are built."""
    return stores_over(*flat_records()) if HAS_FLAT else empty_stores(Engine.PYTHON)
