"""The multiplexer against a model: exactly one outcome for each request, no key leaks, never too many."""

import itertools

import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from protocol.dialect import NetworkCode
from protocol.message import Message
from switch.upstream.actions import Connect, Disconnect, Lane, MuxAction, Now, Outcome, Send, Ticket
from switch.upstream.correlation import Correlation
from switch.upstream.mux import WIRE_FAULTS_MAX, Multiplexer, MuxPlan, MuxRefused, Refusal
from switch.upstream.states import REQUEST_TRANSITIONS, RequestPhase, UpstreamPhase
from switch.upstream.wire import Wire
from tests.amounts import many
from tests.switch.upstream.partner_wire import SPEC, opened, reply_to, sealed, terminals

EPOCH_MS = 1_795_291_200_000
PLAN = MuxPlan(
    in_flight_max=4,
    late_kept_max=3,
    connect_timeout_s=5.0,
    sign_on_timeout_s=5.0,
    echo_interval_s=30.0,
    echo_timeout_s=10.0,
    first_wait_s=1.0,
    longest_wait_s=8.0,
)


def multiplexer(
    *ids: str, plan: MuxPlan = PLAN, fields_by_type: dict[str, tuple[int, ...]] | None = None
) -> Multiplexer:
    return Multiplexer(
        plan, Wire(SPEC, terminals(*ids).by_id), Correlation(fields_by_type or {}), lambda: 0.0
    )


def at(seconds: float) -> Now:
    return Now(EPOCH_MS + int(seconds * 1000), seconds)


def request(stan: int, second: int = 0, terminal_id: str = "CLUB0001") -> Message:
    return Message(
        "0200",
        {
            2: "6280010000000017",
            3: "000000",
            4: "000000100000",
            7: f"11212000{second:02d}",
            11: f"{stan:06d}",
            12: "101500",
            13: "0830",
            22: "021",
            41: terminal_id,
            42: "CLUB",
            49: "364",
        },
    )


def sent(actions: list[MuxAction]) -> list[Message]:
    return [opened(action.frame) for action in actions if isinstance(action, Send)]


def outcomes(actions: list[MuxAction]) -> list[tuple[int, RequestPhase]]:
    return [(action.ticket.number, action.phase) for action in actions if isinstance(action, Outcome)]


def ticket(number: int) -> Ticket:
    return Ticket(Lane.LIVE, number)


def bring_up(mux: Multiplexer, seconds: float = 0.0) -> None:
    """Dial, connect, sign on."""
    assert [type(action) for action in mux.tick(at(seconds))] == [Connect]
    greetings = sent(mux.connected(at(seconds)))
    assert {greeting.text(70) for greeting in greetings} == {NetworkCode.SIGN_ON}
    mux.feed([reply_to(greeting) for greeting in greetings], at(seconds))
    assert mux.phase is UpstreamPhase.UP


def test_nothing_goes_out_before_every_terminal_has_signed_on() -> None:
    mux = multiplexer("CLUB0001", "CLUB0002")
    assert mux.tick(at(0)) == [Connect(0)]
    first, second = sent(mux.connected(at(0)))
    assert (first.text(41), second.text(41)) == ("CLUB0001", "CLUB0002")
    assert mux.feed([reply_to(first)], at(0.1)) == []
    with pytest.raises(MuxRefused) as caught:
        mux.submit(ticket(1), request(1), 9.0)
    assert caught.value.refusal is Refusal.NOT_UP
    mux.feed([reply_to(second)], at(0.2))
    assert mux.phase is UpstreamPhase.UP
    (frame,) = sent(mux.submit(ticket(1), request(1), 9.0))
    assert frame.text(11) == "000001"


def test_a_refused_sign_on_drops_the_link_and_rests_longer_each_time() -> None:
    mux = multiplexer()
    moment = 0.0
    waits = []
    for attempt in range(6):
        assert mux.tick(at(moment)) == [Connect(attempt)]
        (greeting,) = sent(mux.connected(at(moment)))
        (dropped,) = mux.feed([reply_to(greeting, "58")], at(moment))
        assert isinstance(dropped, Disconnect)
        assert mux.phase is UpstreamPhase.DOWN
        waits.append(mux.wake_s - moment)
        assert mux.tick(at(moment + waits[-1] / 2)) == []
        moment = mux.wake_s
    assert waits == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0]


@pytest.mark.parametrize("stage", ["connecting", "signing on"])
def test_a_silent_partner_is_given_up(stage: str) -> None:
    mux = multiplexer()
    mux.tick(at(0))
    if stage == "signing on":
        mux.connected(at(1))
    (dropped,) = mux.tick(at(mux.wake_s))
    assert isinstance(dropped, Disconnect)
    assert mux.phase is UpstreamPhase.DOWN


def test_echo_after_silence_and_only_then() -> None:
    mux = multiplexer()
    bring_up(mux)
    mux.feed([b""], at(20))  # a keep-alive is a sign of life
    assert mux.tick(at(49.9)) == []
    (echo,) = sent(mux.tick(at(50)))
    assert (echo.mti, echo.text(70)) == ("0800", NetworkCode.ECHO)
    assert mux.tick(at(55)) == []
    mux.feed([reply_to(echo)], at(56))
    assert mux.wake_s == 86.0
    (echo,) = sent(mux.tick(at(86)))
    (dropped,) = mux.tick(at(96))
    assert isinstance(dropped, Disconnect)
    assert mux.counts.echoes == 2


def test_an_echo_that_is_refused_means_that_we_are_signed_off() -> None:
    mux = multiplexer()
    bring_up(mux)
    (echo,) = sent(mux.tick(at(30)))
    (dropped,) = mux.feed([reply_to(echo, "58")], at(31))
    assert isinstance(dropped, Disconnect)


def test_the_partners_own_echo_is_answered_and_nothing_else() -> None:
    mux = multiplexer()
    bring_up(mux)
    fields = {7: "1121200000", 11: "000077", 41: "CLUB0001"}
    (answer,) = sent(mux.feed([sealed(Message("0800", {**fields, 70: "301"}))], at(1)))
    assert (answer.mti, answer.text(39), answer.text(11)) == ("0810", "00", "000077")
    (answer,) = sent(mux.feed([sealed(Message("0800", {**fields, 70: "101"}))], at(1)))
    assert answer.text(39) == "12"
    assert mux.feed([sealed(request(1))], at(1)) == []
    assert mux.counts.unmatched == 1


def test_a_duplicate_key_is_refused_and_the_first_keeps_its_reply() -> None:
    mux = multiplexer()
    bring_up(mux)
    mux.submit(ticket(1), request(7), 9.0)
    with pytest.raises(MuxRefused) as caught:
        mux.submit(ticket(2), Message("0201", request(7).fields), 9.0)
    assert caught.value.refusal is Refusal.DUPLICATE_KEY
    assert outcomes(mux.feed([reply_to(request(7))], at(1))) == [(1, RequestPhase.ANSWERED)]


def test_the_key_is_what_the_settings_say_for_each_type() -> None:
    mux = multiplexer(fields_by_type={"0200": (41, 11)})
    bring_up(mux)
    mux.submit(ticket(1), request(7, second=1), 9.0)
    with pytest.raises(MuxRefused):
        mux.submit(ticket(2), request(7, second=2), 9.0)
    mux = multiplexer()
    bring_up(mux)
    mux.submit(ticket(1), request(7, second=1), 9.0)
    mux.submit(ticket(2), request(7, second=2), 9.0)
    replies = [reply_to(request(7, second=2)), reply_to(request(7, second=1))]
    assert outcomes(mux.feed(replies, at(1))) == [(2, RequestPhase.ANSWERED), (1, RequestPhase.ANSWERED)]


def test_between_reply_and_deadline_only_one_wins() -> None:
    mux = multiplexer()
    bring_up(mux)
    mux.submit(ticket(1), request(1), 5.0)
    mux.submit(ticket(2), request(2), 5.0)
    assert outcomes(mux.feed([reply_to(request(1))], at(4.999))) == [(1, RequestPhase.ANSWERED)]
    # At the deadline the request times out, though nobody has ticked; the reply then is late, once.
    found = outcomes(mux.feed([reply_to(request(2)), reply_to(request(2))], at(5.0)))
    assert found == [(2, RequestPhase.TIMED_OUT), (2, RequestPhase.LATE)]
    assert (mux.counts.late, mux.counts.unmatched) == (1, 1)


def test_a_lost_link_loses_what_is_in_flight_at_once() -> None:
    mux = multiplexer()
    bring_up(mux)
    for number in (1, 2, 3):
        mux.submit(ticket(number), request(number), 9.0)
    found = outcomes(mux.lost(at(1)))
    assert found == [(number, RequestPhase.LOST) for number in (1, 2, 3)]
    assert mux.lost(at(1)) == []
    bring_up(mux, mux.wake_s)
    assert outcomes(mux.feed([reply_to(request(1))], at(9))) == []


def test_wrong_bytes_drop_the_link_after_some() -> None:
    mux = multiplexer()
    bring_up(mux)
    mux.submit(ticket(1), request(1), 9.0)
    forged = bytearray(reply_to(request(1)))
    forged[-1] ^= 1
    for _ in range(WIRE_FAULTS_MAX - 1):
        assert mux.feed([bytes(forged)], at(1)) == []
    found = mux.feed([b"\x01", reply_to(request(1))], at(1))
    assert isinstance(found[0], Disconnect)
    assert outcomes(found) == [(1, RequestPhase.LOST)]


def test_draining_waits_for_what_is_in_flight_then_signs_off() -> None:
    mux = multiplexer("CLUB0001", "CLUB0002")
    bring_up(mux)
    mux.submit(ticket(1), request(1), 9.0)
    assert mux.drain(at(1)) == []
    with pytest.raises(MuxRefused):
        mux.submit(ticket(2), request(2), 9.0)
    found = mux.feed([reply_to(request(1))], at(2))
    assert outcomes(found) == [(1, RequestPhase.ANSWERED)]
    farewells = sent(found)
    assert [farewell.text(70) for farewell in farewells] == [NetworkCode.SIGN_OFF] * 2
    found = mux.feed([reply_to(farewell) for farewell in farewells], at(2))
    assert found == [Disconnect("signed off", gracefully=True)]
    assert mux.phase is UpstreamPhase.STOPPED
    assert mux.wake_s == float("inf")


def test_draining_ends_although_nobody_answers() -> None:
    mux = multiplexer()
    bring_up(mux)
    mux.submit(ticket(1), request(1), 9.0)
    mux.drain(at(1))
    found = mux.tick(at(9))
    assert outcomes(found) == [(1, RequestPhase.TIMED_OUT)]
    assert len(sent(found)) == 1
    (dropped,) = mux.tick(at(14))
    assert isinstance(dropped, Disconnect)
    assert mux.phase is UpstreamPhase.STOPPED


@pytest.mark.parametrize("prepare", ["down", "connecting", "signing on"])
def test_draining_a_link_that_is_not_up_stops_it(prepare: str) -> None:
    mux = multiplexer()
    if prepare != "down":
        mux.tick(at(0))
    if prepare == "signing on":
        mux.connected(at(0))
    assert mux.drain(at(1)) == ([] if prepare == "down" else [Disconnect("stopped")])
    assert mux.phase is UpstreamPhase.STOPPED
    assert mux.drain(at(1)) == mux.tick(at(100)) == mux.lost(at(100)) == []


def test_stans_go_round_without_zero() -> None:
    mux = multiplexer()
    taken = [int(mux.take_stan()) for _ in range(1_000_001)]
    assert taken[0] == 1
    assert taken[999_998:] == [999_999, 1, 2]


class MuxMachine(RuleBasedStateMachine):
    """Requests, replies, losses and time in any order; the model is a dictionary of what may still happen."""

    def __init__(self) -> None:
        super().__init__()
        self.mux = multiplexer()
        self.now_s = 0.0
        self.numbers = itertools.count(1)
        self.messages: dict[int, Message] = {}
        self.deadlines: dict[int, float] = {}
        self.phases: dict[int, RequestPhase] = {}
        self.by_key: dict[tuple[str, str], int] = {}
        self.greetings: list[Message] = []

    def now(self) -> Now:
        return at(self.now_s)

    def note(self, actions: list[MuxAction]) -> None:
        for action in actions:
            if isinstance(action, Outcome):
                number = action.ticket.number
                before = self.phases[number]
                reached = [after for (origin, _), after in REQUEST_TRANSITIONS.items() if origin is before]
                assert action.phase in reached
                assert (action.reply is None) == (action.phase in (RequestPhase.TIMED_OUT, RequestPhase.LOST))
                if action.reply is not None:
                    assert action.reply.text(11) == self.messages[number].text(11)
                in_time = self.now_s < self.deadlines[number]
                if action.phase is RequestPhase.ANSWERED:
                    assert in_time
                if action.phase is RequestPhase.TIMED_OUT:
                    assert not in_time
                self.phases[number] = action.phase
            elif isinstance(action, Send):
                message = opened(action.frame)
                if message.mti == "0800":
                    self.greetings.append(message)
            elif isinstance(action, Disconnect):
                self.greetings.clear()

    def open_numbers(self) -> list[int]:
        return [number for number, phase in self.phases.items() if phase is RequestPhase.SENT]

    @rule(seconds=strategies.sampled_from([0.0, 0.4, 1.0, 3.0, 11.0, 31.0]))
    def tick(self, seconds: float) -> None:
        self.now_s += seconds
        self.note(self.mux.tick(self.now()))

    @precondition(lambda self: self.mux.phase is UpstreamPhase.CONNECTING)
    @rule()
    def connect(self) -> None:
        self.note(self.mux.connected(self.now()))

    @precondition(lambda self: self.greetings)
    @rule(code=strategies.sampled_from(["00"] * 7 + ["58"]))
    def answer_network(self, code: str) -> None:
        greeting = self.greetings.pop(0)
        self.note(self.mux.feed([reply_to(greeting, code)], self.now()))

    @rule(
        stan=strategies.integers(1, 6),
        second=strategies.integers(0, 1),
        patience_s=strategies.sampled_from([0.5, 2.0, 8.0]),
    )
    def submit(self, stan: int, second: int, patience_s: float) -> None:
        number = next(self.numbers)
        message = request(stan, second)
        key = (message.text(11), message.text(7))
        holder = self.by_key.get(key)
        is_taken = holder is not None and self.phases[holder] is RequestPhase.SENT
        try:
            actions = self.mux.submit(ticket(number), message, self.now_s + patience_s)
        except MuxRefused as refused:
            if refused.refusal is Refusal.NOT_UP:
                assert self.mux.phase is not UpstreamPhase.UP
            elif refused.refusal is Refusal.FULL:
                assert len(self.open_numbers()) == PLAN.in_flight_max
            else:
                assert is_taken
            return
        assert not is_taken
        self.messages[number], self.deadlines[number] = message, self.now_s + patience_s
        self.phases[number] = RequestPhase.SENT
        self.by_key[key] = number
        self.note(actions)

    @precondition(lambda self: self.messages)
    @rule(
        data=strategies.data(), copies=strategies.integers(1, 2), seconds=strategies.sampled_from([0.0, 1.0])
    )
    def reply(self, data: strategies.DataObject, copies: int, seconds: float) -> None:
        self.now_s += seconds
        number = data.draw(strategies.sampled_from(sorted(self.messages)[-8:]))
        self.note(self.mux.feed([reply_to(self.messages[number])] * copies, self.now()))

    @rule()
    def lose(self) -> None:
        self.note(self.mux.lost(self.now()))
        self.greetings.clear()

    @invariant()
    def bounds_hold_and_no_key_leaks(self) -> None:
        # The model's open requests are exactly the mux's: neither forgets one.
        assert self.mux.in_flight == len(self.open_numbers()) <= PLAN.in_flight_max
        counts = self.mux.counts
        assert counts.sent == counts.answered + counts.timed_out + counts.lost + self.mux.in_flight
        assert counts.late <= counts.timed_out

    def teardown(self) -> None:
        self.now_s += 100.0
        self.note(self.mux.tick(self.now()))
        self.note(self.mux.drain(self.now()))
        self.now_s += 100.0
        self.note(self.mux.tick(self.now()))
        assert self.mux.phase is UpstreamPhase.STOPPED
        assert self.open_numbers() == []
        assert self.mux.in_flight == 0


MuxMachine.TestCase.settings = settings(max_examples=many(150), stateful_step_count=40, deadline=None)
TestMuxMachine = MuxMachine.TestCase
