"""A session is written down as a script that plays, and nothing stands in it that may not."""

import asyncio
import socket
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.codec import encode_sealed
from protocol.framing import FrameDecoder, frame
from protocol.message import Message, Value
from protocol.original_data import OriginalData
from protocol.security.mac import Mac
from protocol.spec import load_spec
from simulator import Endpoint, Outcome, ScriptedSwitch, VirtualSwitch, parse_script, run_script
from simulator.scripts import load_script
from simulator.session_recording import Recorder, RecordingProxy, script_text
from simulator.session_recording.recorder import STEPS_MAX

SPEC = load_spec("vafa")
KEY = bytes(range(16))
TEST_CARD = "6280000000001105"
FOREIGN_CARD = "5022291234567897"  # of a real range, made up
EXAMPLES = Path(__file__).parents[3] / "docs" / "examples" / "simulator"
TIME = "1122101500"


def payload(mti: str, fields: dict[int, Value], terminal: str = "T0000001", stan: int = 1) -> bytes:
    base: dict[int, Value] = {7: TIME, 11: f"{stan:06d}", 41: terminal}
    return encode_sealed(SPEC, Message(mti, base | fields), Mac(KEY))


def sale(**more: Value) -> dict[int, Value]:
    fields: dict[int, Value] = {
        3: "000000", 4: "000000250000", 12: "101500", 13: "1122", 22: "021",
        35: f"{TEST_CARD}=3012101", 42: "SHOP1", 49: "364",
    }  # fmt: skip
    return fields | {int(name[1:]): value for name, value in more.items()}


def played(text: str, switch: VirtualSwitch, **variables: str) -> Outcome:
    profile = switch.profile(terminal_id="BENCH002")
    profile = profile.model_copy(update={"variables": {**variables}})
    return asyncio.run(run_script(parse_script(text, "recording"), profile, Endpoint(switch.terminals)))


@pytest.fixture(scope="module")
def switch() -> Iterator[VirtualSwitch]:
    with VirtualSwitch() as running:
        yield running


def recorded(switch: VirtualSwitch, example: str) -> str:
    """What stands in the file after a script of the examples has spoken through the recorder."""
    with RecordingProxy(switch.terminals) as proxy:
        script = load_script(EXAMPLES / f"{example}.toml")
        outcome = asyncio.run(run_script(script, switch.profile("gold"), Endpoint(proxy.address)))
        assert outcome.failure is None, outcome.failure.lines()
    return script_text(proxy.recorder)


@pytest.mark.parametrize("example", ["first-sale", "lost-answer", "card-and-amount-table"])
def test_what_was_recorded_plays_again_as_another_terminal(example: str, switch: VirtualSwitch) -> None:
    text = recorded(switch, example)
    for secret in (switch.key().hex(), "BENCH", "آزمون"):
        assert secret not in text
    outcome = played(text, switch)
    assert outcome.failure is None, outcome.failure.lines()
    assert outcome.count > 3


def test_repeats_and_reversals_are_recorded_as_such(switch: VirtualSwitch) -> None:
    steps = tomllib.loads(recorded(switch, "first-sale"))["steps"]
    first, repeat = (step for step in steps if step["do"] == "send")
    assert (repeat["message"], repeat["like"]) == ("0201", first["name"])
    steps = tomllib.loads(recorded(switch, "lost-answer"))["steps"]
    # The sale was cut in the middle: nobody has read it, so it is not there.
    again = ["connect", "sign_on", "disconnect", "connect", "sign_on"]
    assert [step["do"] for step in steps] == [*again, "send", "send", "expect", "expect"]
    assert steps[6]["like"] == steps[5]["name"]


def test_other_content_under_one_identity_is_recorded_as_that(switch: VirtualSwitch) -> None:
    recorder = Recorder()
    recorder.request(1, payload("0800", {70: "001"}))
    recorder.request(1, payload("0200", sale(), stan=2))
    recorder.request(1, payload("0200", sale(_4="000000260000"), stan=2))
    recorder.reply(1, payload("0210", {3: "000000", 4: "000000260000", 39: "94"}, stan=2))
    sent = [step for step in recorder.steps if step["do"] == "send"]
    assert sent[1]["like"] == sent[0]["name"]
    assert sent[1]["fields"] == sent[0]["fields"] | {"amount": "000000260000"}  # type: ignore[operator]


def test_a_difference_is_told_with_its_field(switch: VirtualSwitch) -> None:
    text = recorded(switch, "first-sale")
    outcome = played(text.replace('points_earned = "000000000100"', 'points_earned = "000000000101"'), switch)
    assert outcome.failure is not None
    assert outcome.failure.path == "48.DF01"
    assert "000000000101" in "\n".join(outcome.failure.lines())
    outcome = played(text.replace(TEST_CARD, switch.card("blocked").number), switch)
    assert outcome.failure is not None and outcome.failure.path == "39"


def test_references_to_replies_are_followed(switch: VirtualSwitch) -> None:
    """A return names the RRN of the sale before it: when it is played, that of the new sale."""
    script = parse_script(
        """
        format = 1
        as = "terminal"
        title = { en = "A return", fa = "مرجوعی" }
        steps = [
            { do = "connect" },
            { do = "sign_on" },
            { do = "key_change" },
            { do = "send", message = "0200", fields = { amount = 1000000 } },
            { do = "expect", message = "0210", name = "bought", fields = { response_code = "00" } },
            { do = "set", variables = { rrn = "{bought.rrn}" } },
            { do = "send", message = "0200", fields = { 3 = "200000", 4 = 1000 }, tags = { DF0E = "{rrn}" } },
            { do = "expect", message = "0210", fields = { response_code = "00" } },
        ]
        """,
        "a return",
    )
    with RecordingProxy(switch.terminals) as proxy:
        profile = switch.profile("everyday")
        assert asyncio.run(run_script(script, profile, Endpoint(proxy.address))).passed
    text = script_text(proxy.recorder)
    assert 'original_rrn = "{r' in text
    for _ in range(2):
        outcome = played(text, switch)
        assert outcome.failure is None, outcome.failure.lines()


def test_card_numbers_of_others_names_and_pins_are_not_written() -> None:
    recorder = Recorder()
    tags: dict[str, Value] = {
        "DF34": bytes(16),
        "DF11": "CODE",
        "DF10": f"x {FOREIGN_CARD} y",
        "DF7E": b"\x01",
    }
    recorder.request(1, payload("0200", sale(_35=f"{FOREIGN_CARD}=99125010000123", _48=tags)))
    recorder.request(1, payload("0200", sale(_35=f"{TEST_CARD}=3012101"), stan=2))
    enrolment: dict[str, Value] = {"DF05": "نام کسی", "DF19": "+989121234567", "DF18": FOREIGN_CARD}
    recorder.request(1, payload("0200", sale(_3="910000", _48=enrolment), stan=3))
    text = script_text(recorder)
    for secret in (FOREIGN_CARD, FOREIGN_CARD[:6], "نام کسی", "9121234567", "0" * 32, "000123"):
        assert secret not in text
    document = tomllib.loads(text)
    assert document["variables"] == {"card_2": TEST_CARD}
    first, second, third = (step for step in document["steps"] if step["do"] == "send")
    assert first["fields"]["track_2"] == "{card}=99125010000" and first["tags"] == {
        "code": "CODE",
        "DF7E": "01",
    }
    assert second["fields"]["track_2"] == "{card_2}=3012101"
    assert third["tags"] == {"member_name": "{member_name}", "phone": "{phone}", "new_card": "{card}"}
    for told in (
        "--set card=",
        "--set member_name=",
        "--set phone=",
        "pin_block (48.DF34)",
        "basket (48.DF10)",
    ):
        assert told in text
    assert parse_script(text, "recording").steps


def test_who_plays_it_gives_what_is_missing(switch: VirtualSwitch) -> None:
    recorder = Recorder()
    recorder.request(1, payload("0800", {70: "001"}))
    recorder.request(1, payload("0200", sale(_35=f"{FOREIGN_CARD}=9912501"), stan=2))
    reply: dict[int, Value] = {3: "000000", 4: "000000250000", 39: "00", 37: "000000000001", 38: "A00001"}
    recorder.reply(1, payload("0210", reply, stan=2))
    text = script_text(recorder)
    missing = played(text, switch)
    assert missing.failure is not None and "card" in "\n".join(missing.failure.lines())
    assert played(text, switch, card=TEST_CARD).passed


def test_two_terminals_and_what_answers_nothing() -> None:
    recorder = Recorder()
    recorder.request(1, payload("0800", {70: "001"}))
    recorder.request(1, payload("0200", sale(), terminal="T0000002", stan=2))
    recorder.reply(1, payload("0210", {39: "00", 37: "1" * 12}, stan=77))
    recorder.reply(1, payload("0800", {70: "301"}, stan=78))
    recorder.request(1, payload("0810", {70: "301", 39: "00"}, stan=78))
    recorder.request(2, payload("0800", {70: "301"}, stan=5))
    recorder.request(1, payload("0800", {70: "301"}, stan=6))
    recorder.request(2, payload("0520", {}, stan=7)[:9])
    steps = recorder.steps
    assert [step["do"] for step in steps] == ["connect", "sign_on", "send", "disconnect", "connect", "echo"]
    assert steps[2]["terminal"] == "T0000002"
    assert recorder.left_out == [
        "a 0210 of the switch that answers nothing recorded",
        "a 0800 of the switch that answers nothing recorded",
        "an answer of the terminal, 0810",
        "a 0800 on a link older than the newest",
        "a message of the terminal that can't be read",
    ]
    assert parse_script(script_text(recorder), "recording")


def test_a_reversal_of_something_unrecorded_keeps_its_field() -> None:
    recorder = Recorder()
    named = OriginalData("0200", "000042", TIME).pack()
    recorder.request(1, payload("0400", {key: sale()[key] for key in (3, 4, 12, 13, 42, 49)} | {90: named}))
    (step,) = (step for step in recorder.steps if step["do"] == "send")
    assert isinstance(step["fields"], dict) and step["fields"]["original_data"] == named
    assert parse_script(script_text(recorder), "recording")


def test_it_ends_where_a_script_is_full() -> None:
    recorder = Recorder()
    for stan in range(1, STEPS_MAX + 50):
        recorder.request(1, payload("0800", {70: "301"}, stan=stan))
    assert len(recorder.steps) == STEPS_MAX
    assert recorder.left_out == [f"everything behind {STEPS_MAX} steps"]
    assert parse_script(script_text(recorder), "recording")


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 3), st.binary(max_size=80)), max_size=20))
def test_any_bytes_are_recorded_or_left_out(messages: list[tuple[bool, int, bytes]]) -> None:
    recorder = Recorder()
    for asks, link, data in messages:
        (recorder.request if asks else recorder.reply)(link, data)
    recorder.request(4, payload("0800", {70: "301"}))
    assert parse_script(script_text(recorder), "recording")


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_in_a_message_makes_a_script(code: str, reason: str) -> None:
    recorder = Recorder()
    tags: dict[str, Value] = {"DF11": code.encode()[:16].decode("utf-8", "ignore"), "DF16": reason[:10]}
    recorder.request(1, payload("0200", sale(_48=tags)))
    recorder.reply(1, payload("0210", {3: "000000", 4: "0" * 12, 39: "00", 48: {"DF09": reason[:10]}}))
    assert parse_script(script_text(recorder), "recording")


def test_what_is_recorded_is_what_passed() -> None:
    with ScriptedSwitch(KEY) as host, RecordingProxy(host.address) as proxy:
        with socket.create_connection(proxy.address, timeout=60) as link:
            link.sendall(frame(payload("0800", {70: "001"})) + frame(b"") + frame(b"noise")[:4])
            answered = FrameDecoder().feed(link.recv(4096))
        assert len(answered) == 1
        proxy.wait(lambda: proxy.open_links == 0)
    assert proxy.recorder.messages == 2
    assert [step["do"] for step in proxy.recorder.steps] == ["connect", "sign_on"]
