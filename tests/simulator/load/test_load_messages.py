"""Prepared requests are what the codec writes; replies are read as it reads them."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.codec import decode, encode_sealed
from protocol.framing import FrameDecoder
from protocol.message import Message, Value
from protocol.original_data import OriginalData
from protocol.rules_of_type import respond
from protocol.security.mac import Mac
from simulator.load.choices import Choices
from simulator.load.lanes import Lane
from simulator.load.moments import Moments, moment_at
from simulator.load.plan import LoadPlan
from simulator.load.replies import MAC_STRIDE, ReplyFault, ReplyReader
from simulator.load.requests import SPEC, STAN_MAX, sign_on, stan_of, terminal_of

NOW_S = 1_795_000_000
TERMINALS = [terminal_of(n, f"T000000{n}", f"SHOP{n}", Mac(bytes([n]) * 16)) for n in range(3)]
MACS = {terminal.field_41: terminal.mac for terminal in TERMINALS}


def plan_of(**changed: object) -> LoadPlan:
    cards = [{"first": "6280000000000000", "count": 1000}]
    document = {"format": 1, "cards": cards, "stages": [{"name": "a", "seconds": 1, "rate": 1}], **changed}
    return LoadPlan.model_validate(document)


def lane_of(plan: LoadPlan, now: Callable[[], float] = lambda: NOW_S) -> Lane:
    return Lane(0, TERMINALS, Choices(plan, plan.cards), Moments(now, 210).now)


def made(lane: Lane, count: int = 1) -> list[bytes]:
    lane.due.extend([(0, 0)] * count)
    return FrameDecoder().feed(lane.send_due(count, 0))


def reply(request: bytes, code: str = "00", points: int = 0, position: int = 77) -> bytes:
    """The switch's reply to a request, sealed."""
    message = decode(SPEC, request)
    own: dict[int, Value] = {37: f"{position:012d}", 39: code}
    if code == "00" and message.mti == "0200":
        own |= {38: "000001", 48: {"DF01": f"{points:012d}", "DF05": "عضو 7"}}
    terminal = next(each for each in TERMINALS if each.terminal_id == message.text(41))
    return encode_sealed(SPEC, respond(SPEC, message, own), terminal.mac)


@pytest.mark.parametrize("kind", ["purchase", "redemption", "balance"])
@pytest.mark.parametrize("lines", ["", "SKU,FOOD,1,5000"], ids=["no basket", "basket"])
def test_a_request_is_what_the_codec_writes(kind: str, lines: str) -> None:
    """Put together from bytes or encoded as a whole: the same."""
    lane = lane_of(plan_of(mix={kind: 1}, baskets=[{"amount": 5000, "lines": lines}]))
    for number, payload in enumerate(made(lane, 7)):
        terminal = TERMINALS[number % 3]
        read = decode(SPEC, payload)
        moment = moment_at(NOW_S, 210)
        wanted: dict[int, Value] = {
            3: {"purchase": "000000", "redemption": "009100", "balance": "310000"}[kind],
            4: "000000005000",
            7: moment.transmitted,
            11: f"{number + 1:06d}",
            12: moment.local[:6],
            13: moment.local[6:],
            22: "021",
            35: read.text(35),
            41: terminal.terminal_id,
            42: f"SHOP{number % 3}",
            49: "364",
        }
        if kind == "balance":
            del wanted[4]
        if kind == "purchase" and lines:
            wanted[48] = {"DF10": lines}
        mti = "0100" if kind == "balance" else "0200"
        assert payload == encode_sealed(SPEC, Message(mti, wanted), terminal.mac)
        assert read.text(35)[:13] == "6280000000000" and read.text(35).endswith("=99125010000")


def test_the_time_in_messages_is_the_clocks() -> None:
    """2026-11-18 11:06:40 UTC is 14:36:40 in Tehran."""
    clock = iter((NOW_S, NOW_S + 0.9, NOW_S + 1))
    found = [decode(SPEC, each) for each in made(lane_of(plan_of(), lambda: next(clock)), 3)]
    assert [each.text(7) for each in found] == ["1118110640", "1118110640", "1118110641"]
    assert (found[0].text(12), found[0].text(13)) == ("143640", "1118")


def test_returns_and_reversals_name_an_approved_sale() -> None:
    lane = lane_of(plan_of(mix={"purchase": 1, "return": 1, "reversal": 1}))
    reader = ReplyReader()
    sales: dict[str, Message] = {}
    seen = set()
    for number in range(300):
        (payload,) = made(lane)
        message = decode(SPEC, payload)
        code = "51" if number % 3 == 0 else "00"
        if message.mti == "0400":
            seen.add("reversal")
            original = OriginalData.unpack(message.text(90))
            sale = sales.pop(original.stan)
            assert (original.mti, original.transmission_time) == ("0200", sale.text(7))
            assert message.fields[4] == sale.fields[4]
        elif message.text(3) == "200000":
            seen.add("return")
            tags = message.fields[48]
            assert isinstance(tags, dict)
            sale = sales.pop(f"{int(str(tags['DF0E'])):06d}")
            assert [message.fields[n] for n in (4, 35, 42)] == [sale.fields[n] for n in (4, 35, 42)]
        else:
            sale = message
            if code == "00":
                sales[message.text(11)] = message
        assert message.text(41) == sale.text(41)
        answer = reader.read(reply(payload, code, position=int(message.text(11))), MACS)
        request = lane.settle(answer)
        assert request is not None and lane.settle(answer) is None
    assert seen == {"return", "reversal"}


def test_stans_begin_again_before_that_of_a_sign_on() -> None:
    assert [stan_of(n) for n in (0, STAN_MAX - 2, STAN_MAX - 1)] == ["000001", "999998", "000001"]
    message = decode(SPEC, sign_on(TERMINALS[1], moment_at(NOW_S, 0))[2:])
    assert (message.mti, message.text(11), message.text(41), message.text(70)) == (
        "0800",
        "999999",
        "T0000001",
        "001",
    )


def test_replies_are_read() -> None:
    requests = made(lane_of(plan_of()), 4)
    reader = ReplyReader()
    found = [
        reader.read(reply(request, code, points, 100 + number), MACS)
        for number, (request, code, points) in enumerate(
            zip(requests, ("00", "51", "00", "91"), (250, 0, 7, 0), strict=True)
        )
    ]
    assert [(each.stan.hex(), each.rrn, each.points, each.code) for each in found] == [
        ("000001", b"000000000100", 250, "00"),
        ("000002", b"000000000101", 0, "51"),
        ("000003", b"000000000102", 7, "00"),
        ("000004", b"000000000103", 0, "91"),
    ]
    assert [each.is_shed for each in found] == [False, False, False, True]


def test_one_reply_in_so_many_is_checked_by_its_mac() -> None:
    (request,) = made(lane_of(plan_of()))
    good = reply(request)
    forged = good[:-1] + bytes([good[-1] ^ 1])
    with pytest.raises(ReplyFault, match="MAC"):
        ReplyReader().read(forged, MACS)
    reader = ReplyReader()
    with pytest.raises(ReplyFault, match="MAC"):
        for payload in [good] * MAC_STRIDE + [forged]:
            reader.read(payload, MACS)


def test_what_nobody_asked_for_is_no_reply() -> None:
    (request,) = made(lane_of(plan_of()))
    with pytest.raises(ReplyFault, match="didn't ask"):
        ReplyReader().read(reply(request), {})
    with pytest.raises(ReplyFault, match="0200"):
        ReplyReader().read(request, MACS)


@given(st.data())
def test_whatever_comes_is_read_or_is_a_reply_fault(data: st.DataObject) -> None:
    """Also behind replies of the same form, where places are known and sizes aren't proved again."""
    (request,) = made(lane_of(plan_of()))
    good = reply(request)
    reader = ReplyReader()
    reader.read(good, MACS)
    bad = data.draw(st.binary(max_size=80) | st.integers(0, len(good)).map(lambda size: good[:size]))
    for payload in (bad, good[:10] + bad):
        with contextlib.suppress(ReplyFault):
            assert reader.read(payload, MACS).points >= 0


def test_what_is_given_up_may_come_late_once() -> None:
    lane = lane_of(plan_of())
    first, second = made(lane, 2)
    reader = ReplyReader()
    assert len(lane.give_up(0)) == 2 and not lane.waiting
    for request in (first, second):
        answer = reader.read(reply(request), MACS)
        assert lane.settle(answer) is None
        assert lane.was_given_up(answer.stan) and not lane.was_given_up(answer.stan)
