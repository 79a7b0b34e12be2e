"""Parsers of what arrives from brokers and modems: any bytes in any pieces, without surprises."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from terminal.devices.modem import CarrierWatch, Dialler, LineParser
from terminal.links.mqtt import MqttSession
from terminal.links.mqtt_packet import MqttFault, PacketParser, packet

pieces = st.lists(st.binary(max_size=64), max_size=12)
bodies = st.binary(max_size=400)
END_OF_CALL = b"\r\nNO CARRIER\r\n"


def session() -> MqttSession:
    return MqttSession(
        "T0000001",
        "client",
        username="",
        password="",
        keep_alive_s=60,
        ticks_ms=lambda: 0,
        ticks_since=lambda then: 0,
    )


@given(pieces)
def test_a_broker_may_say_anything(said: list[bytes]) -> None:
    made = session()
    made.take(b"\x20\x02\x00\x00\x90\x03\x00\x01\x01")
    for piece in said:
        try:
            messages = made.take(piece)
        except MqttFault:
            return
        assert all(len(message) <= 1152 for message in messages)


@given(st.lists(st.tuples(st.sampled_from([0x20, 0x30, 0x32, 0x40, 0xD0]), bodies), max_size=6), st.data())
def test_packets_come_out_as_they_went_in(packets: list[tuple[int, bytes]], data: st.DataObject) -> None:
    stream = b"".join(bytes(packet(kind, body)) for kind, body in packets)
    cut = data.draw(st.integers(0, len(stream)))
    parser = PacketParser()
    assert parser.feed(stream[:cut]) + parser.feed(stream[cut:]) == packets


@given(st.integers(0, 1026))
@settings(max_examples=30)
def test_every_frame_fits_and_comes_back(size: int) -> None:
    made = session()
    made.outgoing.clear()
    made.publish(bytes(size))
    (sent,) = made.outgoing
    ((kind, body),) = PacketParser().feed(sent)
    assert kind == 0x32 and body[-size:] == bytes(size) if size else body.endswith(b"\x00\x01")


@given(pieces)
def test_a_modem_may_say_anything(said: list[bytes]) -> None:
    parser, dialler = LineParser(), Dialler("host", 1, "")
    for piece in said:
        for line in parser.feed(piece):
            assert 0 < len(line) <= 96 and line.isprintable()
            if not (dialler.connected or dialler.failed):
                dialler.take(line)


@given(
    st.lists(st.sampled_from(["OK", "ERROR", "+CREG: 0,1", "+CREG:", "+CSQ: x", "CONNECT", "RING", "time"]))
)
def test_a_call_always_comes_to_an_end(lines: list[str]) -> None:
    dialler = Dialler("host", 1, "apn")
    for line in lines:
        if dialler.connected or dialler.failed:
            break
        pause_ms, command, wait_ms = dialler.action()
        assert command and 0 <= pause_ms <= 1100 and 0 < wait_ms <= 30_000
        if line == "time":
            dialler.timed_out()
        else:
            dialler.take(line)
    for _ in range(5):
        if not (dialler.connected or dialler.failed):
            dialler.timed_out()
    assert dialler.connected or dialler.failed


@given(st.binary(max_size=60), st.integers(1, 20))
def test_the_end_of_a_call_is_seen_whatever_came_before(before: bytes, size: int) -> None:
    stream = before + END_OF_CALL
    watch = CarrierWatch()
    ended = [
        watch.feed(stream[at : at + size]) < len(stream[at : at + size]) for at in range(0, len(stream), size)
    ]
    assert any(ended)
    if END_OF_CALL not in before and not (before[-2:] == b"\r\n" or before[-1:] == b"\r"):
        assert ended.count(True) == 1


@given(st.binary(max_size=200).filter(lambda data: END_OF_CALL not in data))
def test_data_is_no_end_of_a_call(data: bytes) -> None:
    assert CarrierWatch().feed(data) == len(data)


@pytest.mark.parametrize("lead", [b"\r", b"\r\n", b"\r\nNO CARRIER\r"], ids=["cr", "crlf", "almost"])
def test_a_false_start_hides_no_end(lead: bytes) -> None:
    assert CarrierWatch().feed(lead + END_OF_CALL) == len(lead)
