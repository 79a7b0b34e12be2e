"""Each fault as a peer sees it, over real sockets."""

import asyncio
import time

import pytest

from protocol.codec import decode, encode_sealed
from protocol.framing import FrameDecoder, frame
from protocol.message import Message
from protocol.security.mac import Mac
from protocol.spec import load_spec
from simulator.scripts import Endpoint, Outcome, Profile, parse_script, run_script

SPEC = load_spec("vafa")
KEY = bytes(range(16))
MAC = Mac(KEY)
PROFILE = Profile(keys={"T0000001": KEY.hex()}, variables={"card": "9364000000000017"})
TERMINAL = 'format = 1\nas = "terminal"\nwait_ms = 2000\ntitle = { en = "Faults", fa = "خطاها" }\n'
SWITCH = TERMINAL.replace('"terminal"', '"switch"')


class Listener:
    """A peer that only listens: bytes with their times, and whether the link was ended."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, bytes]] = []
        self.ended = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            self.heard.append((time.monotonic(), data))
        self.ended.set()
        writer.close()

    @property
    def stream(self) -> bytes:
        return b"".join(data for _, data in self.heard)


async def _listened(text: str) -> tuple[Listener, Outcome]:
    listener = Listener()
    server = await asyncio.start_server(listener.serve, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    outcome = await run_script(
        parse_script(text, "faults"), PROFILE, Endpoint((address[0], address[1])), first_stan=0
    )
    async with asyncio.timeout(60):
        await listener.ended.wait()
    server.close()
    await server.wait_closed()
    return listener, outcome


def sends(*faults: str) -> Listener:
    """What a peer hears of one purchase for each fault."""
    steps = "".join(
        f'[[steps]]\ndo = "send"\nmessage = "0200"\nname = "s{number}"\n'
        + (f"fault = {fault}\n" if fault else "")
        for number, fault in enumerate(faults)
    )
    listener, outcome = asyncio.run(_listened(f'{TERMINAL}[[steps]]\ndo = "connect"\n{steps}'))
    assert outcome.passed, outcome.failure
    return listener


def stans(listener: Listener) -> list[str]:
    return [decode(SPEC, payload).text(11) for payload in FrameDecoder().feed(listener.stream)]


def test_without_a_fault() -> None:
    listener = sends("", "")
    assert stans(listener) == ["000001", "000002"]
    assert all(MAC.verify(payload) for payload in FrameDecoder().feed(listener.stream))


def test_drop() -> None:
    assert stans(sends('{ kind = "drop" }', "")) == ["000002"]


def test_duplicate() -> None:
    assert stans(sends('{ kind = "duplicate", times = 3 }')) == ["000001"] * 3


def test_reorder() -> None:
    assert stans(sends('{ kind = "reorder" }', "", "")) == ["000002", "000001", "000003"]


def test_delay() -> None:
    listener = sends("", '{ kind = "delay", ms = 300 }', "")
    assert stans(listener) == ["000001", "000002", "000003"]
    # The listener itself may have been late for the first.
    assert listener.heard[-1][0] - listener.heard[0][0] >= 0.15


def test_late_reply_lets_the_script_go_on() -> None:
    listener = sends('{ kind = "late_reply", ms = 150 }', "")
    assert stans(listener) == ["000002", "000001"]
    assert listener.heard[-1][0] - listener.heard[0][0] >= 0.1


def test_truncate() -> None:
    (payload,) = FrameDecoder().feed(sends('{ kind = "truncate", keep_bytes = 40 }').stream)
    assert len(payload) == 40


def test_wrong_mac() -> None:
    (payload,) = FrameDecoder().feed(sends('{ kind = "wrong_mac" }').stream)
    assert decode(SPEC, payload).text(11) == "000001"
    assert not MAC.verify(payload)


@pytest.mark.parametrize("at", [None, 1, 5], ids=str)
def test_cut_mid_frame(at: int | None) -> None:
    told = "" if at is None else f", at_byte = {at}"
    stream = sends(f'{{ kind = "cut_mid_frame"{told} }}').stream
    assert FrameDecoder().feed(stream) == []
    if at is None:
        assert len(stream) == (2 + int.from_bytes(stream[:2])) // 2
    else:
        assert len(stream) == at


def test_garbage() -> None:
    first, second = FrameDecoder().feed(sends('{ kind = "garbage", hex = "DEADBEEF" }').stream)
    assert first.hex() == "deadbeef"
    assert MAC.verify(second)


def test_wrong_length() -> None:
    assert sends('{ kind = "wrong_length", announce_bytes = 9999 }').stream[:2] == (9999).to_bytes(2)


@pytest.mark.parametrize("reseal", [True, False])
def test_overwrite(reseal: bool) -> None:
    fault = f'{{ kind = "overwrite", at_byte = 13, hex = "000000000777", reseal = {str(reseal).lower()} }}'
    (payload,) = FrameDecoder().feed(sends(fault).stream)
    assert decode(SPEC, payload).text(4) == "000000000777"
    assert MAC.verify(payload) is reseal


def test_clock_jump_and_raw_bytes() -> None:
    text = f"""{TERMINAL}
[[steps]]
do = "connect"
[[steps]]
do = "send"
message = "0800"
fields = {{ network_code = "301" }}
[[steps]]
do = "clock_jump"
seconds = 7200
[[steps]]
do = "send"
message = "0800"
fields = {{ network_code = "301" }}
[[steps]]
do = "raw"
hex = "0102"
framed = false
"""
    listener, outcome = asyncio.run(_listened(text))
    assert outcome.passed
    assert listener.stream.endswith(b"\x01\x02")
    before, behind = (decode(SPEC, each).text(7) for each in FrameDecoder().feed(listener.stream[:-2]))
    hours = (int(behind[4:6]) - int(before[4:6])) % 24
    assert hours in (2, 3)


async def _asked(fault: str, script_end: str) -> tuple[list[bytes], Outcome]:
    """A terminal of the test's own asks; what the script as a switch lets it hear."""
    endpoint = Endpoint()
    address = await endpoint.listen("127.0.0.1", 0)
    text = f"""{SWITCH}
[[steps]]
do = "connect"
[[steps]]
do = "expect"
message = "0800"
fields = {{ network_code = "301" }}
[[steps]]
do = "answer"
{fault}
{script_end}
"""
    task = asyncio.ensure_future(run_script(parse_script(text, "switch"), PROFILE, endpoint))
    reader, writer = await asyncio.open_connection(*address)
    fields: dict[int, object] = {7: "1121200000", 11: "000005", 41: "T0000001", 70: "301"}
    writer.write(frame(encode_sealed(SPEC, Message("0800", fields), MAC)))  # type: ignore[arg-type]
    async with asyncio.timeout(60):
        stream = await reader.read()
    writer.close()
    outcome = await task
    await endpoint.close()
    return FrameDecoder().feed(stream), outcome


@pytest.mark.parametrize(
    ("fault", "answers"),
    [
        ("", 1),
        ('fault = { kind = "duplicate" }', 2),
        ('fault = { kind = "drop" }', 0),
        ('fault = { kind = "late_reply", ms = 100 }', 1),
        ('fault = { kind = "cut_mid_frame" }', 0),
        ('fault = { kind = "wrong_mac" }', 1),
    ],
    ids=["none", "duplicate", "drop", "late_reply", "cut_mid_frame", "wrong_mac"],
)
def test_a_switch_that_misbehaves(fault: str, answers: int) -> None:
    payloads, outcome = asyncio.run(_asked(fault, ""))
    assert outcome.passed, outcome.failure
    assert len(payloads) == answers
    for payload in payloads:
        reply = decode(SPEC, payload)
        assert (reply.mti, reply.text(11), reply.text(39)) == ("0810", "000005", "00")
        assert MAC.verify(payload) is ("wrong_mac" not in fault)
