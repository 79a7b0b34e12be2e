"""The state machine without sockets: bounds, answers, keys, references, and whatever a peer may send."""

from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.codec import decode, encode_sealed
from protocol.framing import FrameDecoder, frame
from protocol.message import Message
from protocol.rules_of_type import respond
from protocol.security.mac import Mac
from protocol.spec import load_spec
from simulator.scripts import Profile, Runner, parse_script
from simulator.scripts.events import Action, Close, Ended, Open, Opened, Received, Refused, Write
from simulator.scripts.steps import ACTIONS_MAX

SPEC = load_spec("vafa")
KEY = bytes(range(16))
CARD = "9364000000000017"
PROFILE = Profile(keys={"T0000001": KEY.hex()}, variables={"card": CARD})
HEAD = 'format = 1\nas = "terminal"\nwait_ms = 1000\ntitle = { en = "Runs", fa = "اجرا" }\n'
SALE = """
[[steps]]
do = "connect"
[[steps]]
do = "send"
message = "0200"
name = "sale"
fields = { amount = 5000 }
[[steps]]
do = "expect"
message = "0210"
fields = { response_code = "00", rrn = { capture = "rrn" } }
"""


class Bench:
    """Drives a runner; time passes only when it is told to."""

    def __init__(self, text: str, epoch_ms: int = 1_795_291_200_000) -> None:
        self.runner = Runner(parse_script(text, "bench"), PROFILE, epoch_ms=epoch_ms)
        self.now_ms = 0
        self.written: list[bytes] = []
        self.actions: list[Action] = []
        self._decoder = FrameDecoder()
        self.take(self.runner.start(0))

    def take(self, actions: list[Action]) -> None:
        for action in actions:
            self.actions.append(action)
            if isinstance(action, Open):
                self.take(self.runner.take(Opened(action.link), self.now_ms))
            elif isinstance(action, Write):
                self.written += self._decoder.feed(action.data)

    def hear(self, data: bytes) -> None:
        self.take(self.runner.take(Received(1, data), self.now_ms))

    def pass_time(self) -> None:
        """Up to the next deadline."""
        if self.runner.deadline_ms is not None:
            self.now_ms = self.runner.deadline_ms
            self.take(self.runner.tick(self.now_ms))

    def reply(self, request: bytes, **fields: str) -> bytes:
        message = respond(SPEC, decode(SPEC, request), {39: "00"})
        message.fields.update({int(name[1:]): value for name, value in fields.items()})
        return frame(encode_sealed(SPEC, message, Mac(KEY)))

    def told(self) -> str:
        failure = self.runner.outcome.failure
        assert self.runner.done and failure is not None
        return "\n".join(failure.lines())


def test_a_sale_passes_byte_by_byte() -> None:
    bench = Bench(HEAD + SALE)
    for byte in bench.reply(bench.written[0], f37="000000000001"):
        assert not bench.runner.done
        bench.hear(bytes([byte]))
    assert bench.runner.done and bench.runner.outcome.passed
    assert isinstance(bench.actions[-1], Close)


def test_silence_ends_at_the_deadline() -> None:
    bench = Bench(HEAD + SALE)
    bench.pass_time()
    assert bench.now_ms == 1000
    assert "nothing came in time: 0210 was expected" in bench.told()
    assert bench.runner.outcome.failure is not None and bench.runner.outcome.failure.hint_rule == "silent"


def test_the_whole_script_is_bounded() -> None:
    bench = Bench(HEAD + "total_ms = 300\n" + SALE)
    bench.pass_time()
    assert bench.now_ms == 300
    assert "longer than its total_ms" in bench.told()


def test_a_failure_shows_everything_but_the_card() -> None:
    bench = Bench(HEAD + SALE)
    bench.hear(bench.reply(bench.written[0], f39="51", f37="000000000001"))
    told = bench.told()
    assert "steps.3 (expect): another value than expected: field 39 response_code" in told
    assert "expected  00" in told and "got       51" in told
    assert "35 31" in told and "docs/messages.md#0210" in told
    wrong = Bench(HEAD + SALE.replace("amount = 5000", 'amount = 5000, track_2 = "{card}=99"'))
    wrong.hear(frame(wrong.written[0]))
    assert "a message of another type" in wrong.told()
    assert CARD not in wrong.told()


def test_a_card_number_in_an_expectation_is_hidden_too() -> None:
    for field in (
        'tags = { member_tier = "4111111111111111" }',
        'tags = { member_name = "4111111111111111" }',
    ):
        bench = Bench(f"{HEAD}{SALE}{field}\n")
        bench.hear(bench.reply(bench.written[0], f37="000000000001"))
        assert "4111111111111111" not in bench.told()
        assert "field 48.DF0" in bench.told()


def test_a_reply_to_another_request_is_none() -> None:
    bench = Bench(HEAD + SALE)
    bench.hear(bench.reply(bench.written[0], f11="999999", f37="000000000001"))
    assert not bench.runner.done
    bench.pass_time()
    assert bench.runner.outcome.failure is not None
    assert bench.runner.outcome.failure.hint_rule == "reply_to_another"


def test_what_a_response_copies_is_checked_unasked() -> None:
    bench = Bench(HEAD + SALE)
    bench.hear(bench.reply(bench.written[0], f4="000000000500", f37="000000000001"))
    told = bench.told()
    assert "not copied from the request: field 4 amount" in told
    assert "000000005000" in told


def test_a_response_wants_the_fields_of_its_type() -> None:
    bench = Bench(HEAD + SALE.replace(', rrn = { capture = "rrn" }', ""))
    message = respond(SPEC, decode(SPEC, bench.written[0]), {39: "00"})
    del message.fields[3]
    bench.hear(frame(encode_sealed(SPEC, message, Mac(KEY))))
    assert "field 3 processing_code" in bench.told()


def test_a_refused_link_and_a_closed_one() -> None:
    bench = Runner(parse_script(HEAD + SALE, "refused"), PROFILE, epoch_ms=0)
    bench.start(0)
    bench.take(Refused(1, "Connection refused"), 1)
    assert bench.done and bench.outcome.failure is not None
    assert "no link could be opened: Connection refused" in bench.outcome.failure.lines()[0]
    closed = Bench(HEAD + SALE)
    closed.take(closed.runner.take(Ended(1), 5))
    assert "the peer closed the link" in closed.told()


def test_loops_over_tables_and_numbers() -> None:
    text = f"""{HEAD}
[tables]
baskets = [{{ rial = 1 }}, {{ rial = 22 }}]
[[steps]]
do = "connect"
[[steps]]
do = "each"
table = "baskets"
[[steps.steps]]
do = "each"
number = "turn"
first = 1
last = "{{rial}}"
by = 10
[[steps.steps.steps]]
do = "send"
message = "0200"
fields = {{ amount = "{{rial*100+0}}" }}
"""
    text = text.replace("{rial*100+0}", "{rial*100}")
    bench = Bench(text)
    assert bench.runner.done and bench.runner.outcome.passed
    amounts = [decode(SPEC, payload).text(4) for payload in bench.written]
    assert amounts == ["000000000100"] + ["000000002200"] * 3


@settings(max_examples=60)
@given(chunks=st.lists(st.binary(max_size=40) | st.just(b"\x00\x00"), max_size=12), closes=st.booleans())
def test_whatever_a_peer_sends_the_run_ends_in_time(chunks: list[bytes], closes: bool) -> None:
    bench = Bench(HEAD + SALE)
    for chunk in chunks:
        bench.hear(chunk)
    if closes:
        bench.take(bench.runner.take(Ended(1), bench.now_ms))
    for _ in range(3):
        bench.pass_time()
    assert bench.runner.done
    assert bench.now_ms <= 1000
    assert bench.runner.outcome.failure is not None


@settings(max_examples=60)
@given(place=st.integers(0, 200), bit=st.integers(0, 7))
def test_a_reply_with_one_wrong_bit_never_passes(place: int, bit: int) -> None:
    bench = Bench(HEAD + SALE)
    reply = bytearray(bench.reply(bench.written[0], f37="000000000001"))
    reply[place % len(reply)] ^= 1 << bit
    bench.hear(bytes(reply))
    bench.pass_time()
    assert bench.runner.done and not bench.runner.outcome.passed


def test_the_switch_answers_what_no_step_waits_for() -> None:
    text = """format = 1
as = "switch"
wait_ms = 1000
title = { en = "Host", fa = "میزبان" }
[[steps]]
do = "connect"
[[steps]]
do = "expect"
message = "0200"
fields = { amount = { least = 1 } }
[[steps]]
do = "answer"
response_code = "51"
"""
    bench = Bench(text)
    bench.take(bench.runner.take(Opened(1), 0))
    for code in ("001", "301"):
        message = Message("0800", {7: "1121200000", 11: "000001", 41: "T0000001", 70: code})
        bench.hear(frame(encode_sealed(SPEC, message, Mac(KEY))))
    sale = Bench(HEAD + SALE).written[0]
    bench.hear(frame(sale))
    replies = [decode(SPEC, payload) for payload in bench.written]
    assert [(reply.mti, reply.text(39)) for reply in replies] == [
        ("0810", "00"),
        ("0810", "00"),
        ("0210", "51"),
    ]
    assert bench.runner.outcome.passed


def test_a_terminal_that_does_not_sign_on() -> None:
    text = """format = 1
as = "switch"
wait_ms = 500
title = { en = "Host", fa = "میزبان" }
[[steps]]
do = "connect"
[[steps]]
do = "sign_on"
"""
    bench = Bench(text)
    bench.take(bench.runner.take(Opened(1), 0))
    bench.hear(frame(Bench(HEAD + SALE).written[0]))
    bench.pass_time()
    assert "0800 was expected, 0200 came" in bench.told()
    assert bench.runner.outcome.failure is not None
    assert bench.runner.outcome.failure.hint_rule == "sign_on_missing"


def test_a_long_loop_lets_the_clock_be_looked_at() -> None:
    """However much a script says, only so much is said at a time, and its bound holds."""
    text = f"""{HEAD}total_ms = 50
[[steps]]
do = "connect"
[[steps]]
do = "each"
number = "turn"
last = 100000
[[steps.steps]]
do = "send"
message = "0200"
"""
    bench = Bench(text)
    turns = 0
    while not bench.runner.done:
        before = len(bench.actions)
        bench.now_ms += 1
        bench.take(bench.runner.tick(bench.now_ms))
        assert len(bench.actions) - before <= 2 * ACTIONS_MAX
        turns += 1
    assert turns <= 51
    assert "longer than its total_ms" in bench.told()
