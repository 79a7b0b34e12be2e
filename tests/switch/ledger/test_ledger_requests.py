"""The window of remembered requests against a plain list of them, and what it costs."""

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switch.ledger import requests
from switch.ledger.requests import REMEMBERED_REQUESTS, RequestWindow, request_key
from tests.amounts import many

ROOM = 6
KEYS = st.integers(1, 40)


class PlainWindow:
    """The same by its definition: a list of everything, the oldest taken out while there are too many."""

    def __init__(self) -> None:
        self.floor = 0
        self.found: dict[int, tuple[int, bool]] = {}
        self.undone: dict[int, int] = {}

    def forget(self) -> None:
        while len(keys := self.found.keys() | self.undone.keys()) > ROOM:
            self.floor = max(self.floor, min(keys))
            self.found.pop(min(keys), None)
            self.undone.pop(min(keys), None)


@given(st.lists(st.tuples(KEYS, st.sampled_from(["remember", "count", "undo"])), max_size=60))
@settings(max_examples=many(300), deadline=None)
def test_what_is_remembered(steps: list[tuple[int, str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests, "REMEMBERED_REQUESTS", ROOM)
        patch.setattr(requests, "_CLEARED_PLACES", 3)
        _check(steps)


def _check(steps: list[tuple[int, str]]) -> None:
    window, plain = RequestWindow(), PlainWindow()
    digests = {window.digest()}
    for position, (key, step) in enumerate(steps, start=1):
        if step == "undo":
            window.undo(key, position)
            plain.undone.setdefault(key, position)
        elif key in plain.found or key in plain.undone or key <= plain.floor:
            continue  # which nobody decides again
        else:
            window.remember(key, position, is_counted=step == "count")
            plain.found[key] = (position, step == "count")
        plain.forget()
        for probe in range(1, 42):
            place = plain.found.get(probe, (None, False))
            assert (window.find(probe), window.is_counted(probe)) == place
            assert window.undone_by(probe) == plain.undone.get(probe)
            assert window.is_forgotten(probe) == (probe <= plain.floor)
        digests.add(window.digest())
    again = RequestWindow()
    assert again.digest() in digests
    for key in sorted(plain.found.keys() | plain.undone.keys()):
        if key in plain.found:
            again.remember(key, plain.found[key][0], is_counted=plain.found[key][1])
        if key in plain.undone:
            again.undo(key, plain.undone[key])
    again.floor = window.floor
    assert again.digest() == window.digest()


def test_a_full_window_takes_little_memory() -> None:
    window = RequestWindow()
    tracemalloc.start()
    try:
        for position in range(1, 3 * REMEMBERED_REQUESTS):
            window.remember(request_key(1_782_907_200, position), position)
        used_bytes = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert window.find(request_key(1_782_907_200, 2 * REMEMBERED_REQUESTS)) == 2 * REMEMBERED_REQUESTS
    assert used_bytes < 24 * REMEMBERED_REQUESTS
