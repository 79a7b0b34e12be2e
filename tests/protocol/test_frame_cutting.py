"""Frames with two-byte lengths, cut by the compiled core where it was built and by the plain loop."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import framing
from protocol.framing import cut_plainly, frame

Cut = Callable[[bytes, int], tuple[list[bytes], int, int]]
CUTS: dict[str, Cut] = {"plain": cut_plainly, "in use": framing.cut}

payloads = st.lists(st.binary(max_size=40), max_size=6)


@pytest.mark.parametrize("cut", CUTS.values(), ids=list(CUTS))
@given(payloads, st.binary(min_size=1, max_size=41), st.integers(0, 40))
def test_whole_frames_are_cut_and_the_rest_is_left(
    cut: Cut, sent: list[bytes], last: bytes, missing: int
) -> None:
    whole = b"".join(map(frame, sent))
    unfinished = frame(last)[: -1 - missing % len(frame(last))]
    assert cut(whole + unfinished, 41) == (sent, len(whole), 0)


@pytest.mark.parametrize("cut", CUTS.values(), ids=list(CUTS))
@given(payloads, st.integers(41, 65535), st.binary(max_size=9))
def test_too_long_a_frame_ends_the_cutting(cut: Cut, sent: list[bytes], length: int, behind: bytes) -> None:
    whole = b"".join(map(frame, sent))
    assert cut(whole + length.to_bytes(2, "big") + behind, 40) == (sent, len(whole), length)


@given(st.binary(max_size=300), st.integers(0, 300))
def test_any_bytes_are_cut_alike(stream: bytes, limit: int) -> None:
    assert framing.cut(stream, limit) == cut_plainly(stream, limit)
