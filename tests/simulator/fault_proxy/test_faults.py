"""Faults as they are written, and what they make of a stream, however it is sliced."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.framing import FrameDecoder, frame
from simulator.fault_proxy import Direction, Fault, FaultKind, FaultSyntax, parse_fault
from simulator.fault_proxy.faults import MEANINGS
from simulator.fault_proxy.stream import FRAME_MAX_BYTES, Departure, Ending, FaultyStream, Plan

PAYLOADS = [bytes([number]) * (10 + number) for number in range(1, 9)]
FRAMES = [frame(payload) for payload in PAYLOADS]


def stream_of(*faults: str, seed: int = 0, direction: Direction = Direction.REQUEST) -> FaultyStream:
    return FaultyStream(Plan(tuple(map(parse_fault, faults))), direction, Random(seed))


def departures(*faults: str, seed: int = 0, frames: list[bytes] = FRAMES) -> list[Departure]:
    """What leaves when each frame comes by itself, and then the end."""
    stream = stream_of(*faults, seed=seed)
    return [each for data in frames for each in stream.feed(data)] + stream.end()


def left(*faults: str, seed: int = 0, frames: list[bytes] = FRAMES) -> bytes:
    return b"".join(each.data for each in departures(*faults, seed=seed, frames=frames))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("drop", Fault(FaultKind.DROP)),
        ("drop@3", Fault(FaultKind.DROP, first=3, last=3)),
        ("drop@3+", Fault(FaultKind.DROP, first=3)),
        ("delay=500/reply@10%", Fault(FaultKind.DELAY, 500, Direction.REPLY, percent=10)),
        ("half_open/request@2", Fault(FaultKind.HALF_OPEN, None, Direction.REQUEST, 2, 2)),
        ("truncate=0", Fault(FaultKind.TRUNCATE, 0)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_faults_are_read_and_written(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault
    assert str(fault) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "write KIND"),
        ("lose", "no such kind"),
        ("delay", "delay wants a value: delay=milliseconds"),
        ("drop=3", "drop has no value"),
        ("duplicate=1", "from 2 to"),
        ("throttle=0", "from 1 to"),
        ("delay=9999999", "from 0 to"),
        ("drop@0", "count from 1"),
        ("drop@0%", "from 1 to 100"),
        ("drop@101%", "from 1 to 100"),
        ("drop@-1", "write KIND"),
        ("drop/both", "write KIND"),
        ("drop @3", "write KIND"),
    ],
    ids=lambda value: value or "empty",
)
def test_what_is_no_fault_is_told(text: str, told: str) -> None:
    with pytest.raises(FaultSyntax, match=told):
        parse_fault(text)


@given(st.text(max_size=30))
def test_any_text_is_a_fault_or_a_syntax_fault(text: str) -> None:
    try:
        fault = parse_fault(text)
    except FaultSyntax:
        return
    assert parse_fault(str(fault)) == fault


def test_every_kind_has_its_meaning() -> None:
    assert set(MEANINGS) == set(FaultKind)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("drop@2", FRAMES[0] + b"".join(FRAMES[2:])),
        ("duplicate@1", FRAMES[0] * 2 + b"".join(FRAMES[1:])),
        ("duplicate=3@8", b"".join(FRAMES) + FRAMES[7] * 2),
        ("truncate=4@1", frame(PAYLOADS[0][:4]) + b"".join(FRAMES[1:])),
        ("truncate@1", frame(PAYLOADS[0][:5]) + b"".join(FRAMES[1:])),
        ("reorder@1", FRAMES[1] + FRAMES[0] + b"".join(FRAMES[2:])),
        ("reorder@8", b"".join(FRAMES)),
        ("drop@7+", b"".join(FRAMES[:6])),
        ("drop/reply", b"".join(FRAMES)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_leaves(fault: str, expected: bytes) -> None:
    assert left(fault) == expected


def test_a_cut_ends_the_link_in_the_middle_of_the_frame() -> None:
    (first, second, *_) = departures("cut@2")
    assert (first.ending, second.ending) == (Ending.NONE, Ending.CUT)
    assert second.data == FRAMES[1][: len(FRAMES[1]) // 2]
    assert departures("cut=5@1")[0].data == FRAMES[0][:5]
    assert departures("cut=0@1")[0].data == b""


def test_delays_and_rates_add_up() -> None:
    (first, *_) = departures("delay=200", "delay=50@1", "throttle=900", "throttle=400")
    assert (first.delay_ms, first.bytes_per_s) == (250, 400)
    assert departures("half_open@1")[0] == Departure(
        b"", 1, ending=Ending.HALF_OPEN, faults=(parse_fault("half_open@1"),)
    )


@pytest.mark.parametrize("count", [1, 3, 1000])
def test_corruption_changes_bytes_of_the_payload_alone(count: int) -> None:
    data = left(f"corrupt={count}", frames=FRAMES[:1])
    assert data[:2] == FRAMES[0][:2] and len(data) == len(FRAMES[0])
    changed = sum(one != other for one, other in zip(data, FRAMES[0], strict=True))
    assert changed == min(count, len(PAYLOADS[0]))


def test_the_seed_decides_and_nothing_else() -> None:
    chance = ("drop@40%", "corrupt@40%", "duplicate@20%")
    assert left(*chance, seed=1) == left(*chance, seed=1)
    assert len({left(*chance, seed=seed) for seed in range(8)}) > 4
    dropped = sum(not each.data for seed in range(100) for each in departures("drop@25%", seed=seed))
    assert 120 < dropped < 280  # of 800 frames, a quarter expected


def test_what_is_asked_once_meets_the_next_frame_of_its_direction() -> None:
    plan = Plan()
    requests = FaultyStream(plan, Direction.REQUEST, Random(0))
    replies = FaultyStream(plan, Direction.REPLY, Random(0))
    plan.once.extend(map(parse_fault, ("drop/reply", "drop/reply")))
    assert requests.feed(FRAMES[0])[0].data == FRAMES[0]
    assert [replies.feed(data)[0].data for data in FRAMES[:3]] == [b"", b"", FRAMES[2]]


def test_keep_alives_pass_and_do_not_count() -> None:
    assert left("drop@1", frames=[frame(b""), FRAMES[0], FRAMES[1]]) == frame(b"") + FRAMES[1]


@given(st.lists(st.integers(1, 40), max_size=60), st.sampled_from(["drop@2", "reorder@3", "corrupt@50%"]))
def test_slices_change_nothing(cuts: list[int], fault: str) -> None:
    data = b"".join(FRAMES)
    stream = stream_of(fault)
    found = b""
    for size in [*cuts, len(data)]:
        piece, data = data[:size], data[size:]
        found += b"".join(each.data for each in stream.feed(piece))
    found += b"".join(each.data for each in stream.end())
    assert found == left(fault)


@given(st.lists(st.binary(max_size=5000), max_size=6))
def test_without_faults_any_bytes_come_out_as_they_went_in(pieces: list[bytes]) -> None:
    stream = stream_of()
    found = [each for piece in pieces for each in stream.feed(piece)] + stream.end()
    assert b"".join(each.data for each in found) == b"".join(pieces)


def test_from_too_long_a_frame_on_everything_passes_at_once() -> None:
    stream = stream_of("drop@2+")
    oversize = (FRAME_MAX_BYTES + 1).to_bytes(2) + b"start"
    found = b"".join(each.data for each in stream.feed(FRAMES[0] + oversize))
    assert found == FRAMES[0] + oversize
    assert stream.feed(FRAMES[1]) == [Departure(FRAMES[1])]


def test_payloads_are_shown_as_they_came() -> None:
    shown: list[bytes] = []
    plan = Plan((parse_fault("corrupt=5"), parse_fault("drop@1")))
    FaultyStream(plan, Direction.REPLY, Random(0), shown.append).feed(b"".join(FRAMES[:3]) + frame(b""))
    assert shown == FrameDecoder().feed(b"".join(FRAMES[:3]))
