"""Sections of accounts, lots and counters."""

from array import array

from switch.ledger.accounts import Counters
from switch.ledger.counters import CounterColumns
from switch.ledger.lots import TIME_BITS, TIME_MASK, bucket_key
from switch.ledger.state import State
from switch.snapshot.columns import ColumnFault, ColumnReader, ColumnWriter

_COLUMNS = len(Counters._fields)


def dump_accounts(state: State, out: ColumnWriter) -> None:
    """Numbers, ascending, and their counters."""
    numbers = sorted(state.accounts)
    columns = [array("q") for _ in range(_COLUMNS)]
    for number in numbers:
        for column, counter in zip(columns, state.accounts.counters(number), strict=True):
            column.append(counter)
    out.number(len(numbers))
    out.numbers(numbers)
    for column in columns:
        out.amounts(column)


def load_accounts(state: State, columns: ColumnReader) -> None:
    """What `dump_accounts` wrote, into a state without accounts."""
    count = columns.count()
    numbers = columns.numbers(count)
    state.accounts.restore(numbers, tuple([columns.amounts(count) for _ in range(_COLUMNS)]))
    if len(state.accounts) != count:
        raise ColumnFault("an account is there twice")


def dump_lots(state: State, out: ColumnWriter) -> None:
    """How many buckets each account has, by number; then all keys, and of each bucket its key and amount."""
    counts, amounts, held_keys = array("Q"), array("q"), []
    known: dict[int, int] = {}
    for number in sorted(state.accounts):
        pairs = state.lots.pairs(number)
        counts.append(len(pairs) // 2)
        # One object for each key.
        held_keys += [known.setdefault(key, key) for key in pairs[::2]]
        amounts.extend(pairs[1::2])
    keys = sorted(known)
    places = {key: place for place, key in enumerate(keys)}
    out.numbers(counts)
    out.number(len(keys))
    out.numbers([key >> TIME_BITS for key in keys])
    out.numbers([key & TIME_MASK for key in keys])
    out.number(len(amounts))
    out.numbers(map(places.__getitem__, held_keys))
    out.amounts(amounts)


def load_lots(state: State, columns: ColumnReader) -> None:
    """What `dump_lots` wrote, into a state that has its accounts."""
    counts = columns.numbers(len(state.accounts))
    key_count = columns.count()
    expires_at_s, available_from_s = columns.numbers(key_count), columns.numbers(key_count)
    keys = [
        bucket_key(available, expires)
        for available, expires in zip(available_from_s, expires_at_s, strict=True)
    ]
    count = columns.count()
    if sum(counts) != count:
        raise ColumnFault("buckets aren't as many as counted")
    state.lots.restore(counts, keys, columns.numbers(count), columns.amounts(count))


def dump_counters(state: State, out: ColumnWriter) -> None:
    """Today, and the counters in their order."""
    days, windows, subjects, values = array("Q"), array("q"), array("Q"), array("q")
    names: list[str] = []
    for (counter, subject, window, drop_day), value in state.counters.items():
        names.append(counter)
        days.append(drop_day)
        windows.append(window)
        subjects.append(subject)
        values.append(value)
    out.number(state.counters.day)
    out.number(len(names))
    out.numbers(days)
    out.words(names)
    out.amounts(windows)
    out.numbers(subjects)
    out.amounts(values)


def load_counters(state: State, columns: ColumnReader) -> None:
    """What `dump_counters` wrote, into a state without counters."""
    day = columns.number()
    count = columns.count()
    drop_days = columns.numbers(count)
    names = columns.words(count)
    found = CounterColumns(
        drop_days, names.places, columns.amounts(count), columns.numbers(count), columns.amounts(count)
    )
    state.counters.restore(day, names.texts, found)
    if len(state.counters) != count:
        raise ColumnFault("a counter is there twice, or past its day")
