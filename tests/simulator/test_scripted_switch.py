"""The scripted host answers as its script says, over a real socket."""

import asyncio

import pytest

from protocol.codec import decode, encode_sealed
from protocol.framing import FrameDecoder, frame
from protocol.message import Message
from protocol.security.mac import Mac
from protocol.spec import load_spec
from simulator.scripted_switch import Behaviour, ScriptedSwitch

KEY = bytes(range(16))
SIGN_ON = Message("0800", {7: "0321093000", 11: "000001", 41: "VAFA0001", 70: "001"})


async def ask(switch: ScriptedSwitch) -> list[bytes]:
    """Send a sign-on, then close; everything that came back."""
    reader, writer = await asyncio.open_connection(*switch.address)
    writer.write(frame(encode_sealed(load_spec("vafa"), SIGN_ON, Mac(KEY))))
    writer.write_eof()
    try:
        answer = await reader.read()
    except ConnectionError:
        answer = b""
    writer.close()
    return FrameDecoder().feed(answer)


@pytest.mark.parametrize(
    ("behaviour", "answers", "verified"),
    [
        (Behaviour.ANSWER, 1, True),
        (Behaviour.TWICE, 2, True),
        (Behaviour.WRONG_MAC, 1, False),
        (Behaviour.SILENT, 0, False),
        (Behaviour.CUT, 0, False),
        (Behaviour.CUT_MID_FRAME, 0, False),
    ],
)
def test_behaviours(behaviour: Behaviour, answers: int, verified: bool) -> None:
    async def scenario() -> None:
        async with ScriptedSwitch(KEY) as switch:
            switch.script.next("08", behaviour)
            payloads = await ask(switch)
            assert len(payloads) == answers
            assert all(Mac(KEY).verify(payload) is verified for payload in payloads)
            assert [request.mti for request in switch.requests] == ["0800"]
            # The script is used up; from here on it answers.
            (payload,) = await ask(switch)
            response = decode(load_spec("vafa"), payload)
            assert (response.mti, response.fields[39], response.fields[11]) == ("0810", "00", "000001")

    asyncio.run(scenario())
