"""Events out of bytes, and what becomes of them: rates, age, another version's frames."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.console.frame import Frame
from switch.metrics.histogram import Histogram
from tools.top.documents import Distribution, StatusPage, StepMetrics
from tools.top.event_stream import EVENT_BYTES_MAX, EventStream, ServerEvent, StreamFault
from tools.top.picture import STALE_MS, Picture, steps_between

SECOND_NS = 1_000_000_000


def frame_event(frame: Frame, totals: dict[tuple[str, str], int] | None = None) -> ServerEvent:
    counted = [[kind, code, count] for (kind, code), count in (totals or {}).items()]
    return ServerEvent("frame", json.dumps({"frame": frame, "totals": counted}))


def test_events_as_the_standard_has_them() -> None:
    stream = EventStream()
    text = (
        "retry: 2000\n\n: a comment\nevent: frame\r\nid: 7\ndata: {\ndata:1}\n\ndata:  x\n\nevent: empty\n\n"
    )
    assert stream.feed(text.encode()) == [ServerEvent("frame", "{\n1}"), ServerEvent("message", " x")]


@given(st.text(st.characters(exclude_characters="\n\r", codec="utf-8")), st.lists(st.integers(0, 200)))
def test_events_may_be_cut_anywhere(text: str, cuts: list[int]) -> None:
    content = f"event: sight\ndata: {text}\n\n".encode()
    stream, found = EventStream(), []
    places = sorted({min(cut, len(content)) for cut in cuts})
    for begin, end in zip([0, *places], [*places, len(content)], strict=True):
        found += stream.feed(content[begin:end])
    assert found == [ServerEvent("sight", text)]


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_any_bytes_are_events_or_a_fault(pieces: list[bytes]) -> None:
    stream, picture = EventStream(), Picture()
    try:
        for piece in pieces:
            for event in stream.feed(piece):
                picture.take(event, 0)
    except StreamFault as fault:
        assert "\n" not in str(fault)


@pytest.mark.parametrize("piece", [b"x", b"data: x\n", b"event: x\n"], ids=["no end", "data", "names"])
def test_what_never_ends_is_given_up(piece: bytes) -> None:
    stream = EventStream()
    with pytest.raises(StreamFault, match="too long"):
        for _ in range(10):
            stream.feed(piece * (EVENT_BYTES_MAX // 8 // len(piece) + 1))


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "[]",
        '{"frame": 1}',
        '{"frame": ["a"]}',
        '{"frame": [' + "1," * 300 + "1]}",
        '{"frame": [1.5]}',
    ],
    ids=lambda data: data[:20],
)
def test_a_frame_that_is_none_is_a_fault(data: str) -> None:
    with pytest.raises(StreamFault):
        Picture().take(ServerEvent("frame", data), 0)


def test_rates_of_answers_are_of_the_last_second() -> None:
    picture = Picture()
    for tenth in range(30):
        totals = {("purchase", "00"): 1000 + tenth * 10}
        if tenth > 25:
            totals["purchase", "51"] = 3
        picture.take(frame_event(Frame(at_ms=tenth * 100), totals), tenth * 100)
    assert [tuple(each) for each in picture.answers()] == [
        ("purchase", "00", 100, 1290),
        ("purchase", "51", 3, 3),
    ]


def test_a_switch_that_was_started_again_begins_at_nothing() -> None:
    picture = Picture()
    picture.take(frame_event(Frame(at_ms=1000, approved=9), {("purchase", "00"): 1000}), 0)
    picture.take(frame_event(Frame(at_ms=1500), {("purchase", "00"): 2}), 500)
    assert [tuple(each) for each in picture.answers()] == [("purchase", "00", 0, 2)]
    assert list(picture.requests) == [0]


def test_it_is_stale_when_nothing_comes() -> None:
    picture = Picture()
    assert picture.stale_ms(5000) == 5000
    picture.take(frame_event(Frame(at_ms=1)), 5000)
    assert picture.stale_ms(5000 + STALE_MS) == 0
    assert picture.stale_ms(5001 + STALE_MS) == STALE_MS + 1


def test_a_frame_of_another_version_is_read_by_its_names() -> None:
    picture = Picture()
    picture.begin(["position", "at_ms", "of_tomorrow", "approved"])
    picture.take(ServerEvent("frame", '{"frame": [7, 8, 9, 10]}'), 0)
    assert picture.frame == Frame(at_ms=8, approved=10, position=7)


def status(start_ns: int, *values: int) -> StatusPage:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    steps = {"decide": Distribution(count=histogram.count, buckets=histogram.sparse())}
    return StatusPage(metrics=StepMetrics(step_ns=steps, start_time_ns=start_ns))


def test_steps_are_of_the_time_between() -> None:
    early, late = status(7, 1000, 1000), status(7, 1000, 1000, 5_000_000, 5_000_000)
    (step,) = steps_between(early, late, 2 * SECOND_NS)
    assert (step.name, step.per_s) == ("decide", 1)
    assert 5_000_000 <= step.p50_ns == step.p999_ns <= 5_000_000 * 33 // 32
    (anew,) = steps_between(early, status(8, 3000), SECOND_NS)
    assert anew.per_s == 1 and 3000 <= anew.p50_ns <= 3000 * 33 // 32
