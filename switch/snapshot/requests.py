"""Section of the remembered requests."""

from array import array

from switch.ledger.requests import REMEMBERED_REQUESTS, WindowContent
from switch.ledger.state import State
from switch.ledger.stores import in_order
from switch.snapshot.columns import ColumnFault, ColumnReader, ColumnWriter


def dump_windows(state: State, out: ColumnWriter) -> None:
    """Windows by terminal: floors and sizes of each, then what all of them hold."""
    windows = [(name, window.content()) for name, window in in_order(state.windows)]
    out.number(len(windows))
    out.texts([name for name, _ in windows])
    out.numbers([content.floor for _, content in windows])
    out.numbers([len(content.keys) for _, content in windows])
    out.numbers([len(content.undone_keys) for _, content in windows])
    keys, places, undone_keys, undone_positions = array("Q"), array("Q"), array("Q"), array("Q")
    for _, content in windows:
        keys += content.keys
        places += content.places
        undone_keys += content.undone_keys
        undone_positions += content.undone_positions
    out.number(len(keys))
    out.numbers(keys)
    out.numbers(places)
    out.number(len(undone_keys))
    out.numbers(undone_keys)
    out.numbers(undone_positions)


def load_windows(state: State, columns: ColumnReader) -> None:
    """What `dump_windows` wrote, into a state without windows."""
    count = columns.count()
    names, floors = columns.texts(count), columns.numbers(count)
    sizes, undone_sizes = columns.numbers(count), columns.numbers(count)
    key_count = columns.count()
    keys, places = columns.numbers(key_count), columns.numbers(key_count)
    undone_count = columns.count()
    undone_keys, undone_positions = columns.numbers(undone_count), columns.numbers(undone_count)
    if max(sizes, default=0) > REMEMBERED_REQUESTS:
        raise ColumnFault("a window remembers too many requests")
    first, first_undone = 0, 0
    for name, floor, size, undone_size in zip(names, floors, sizes, undone_sizes, strict=True):
        end, end_undone = first + size, first_undone + undone_size
        state.window_of(name).restore(
            WindowContent(
                floor,
                keys[first:end],
                places[first:end],
                undone_keys[first_undone:end_undone],
                undone_positions[first_undone:end_undone],
            )
        )
        first, first_undone = end, end_undone
    if (first, first_undone) != (key_count, undone_count) or len(state.windows) != count:
        raise ColumnFault("windows aren't as large as counted")
