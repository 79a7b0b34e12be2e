"""MQTT 3.1.1 on the VM: packets byte for byte as the standard has them, repeats, keep-alive, refusals."""

import unit
from terminal.links.mqtt import MqttSession
from terminal.links.mqtt_packet import MqttFault, PacketParser, packet


class Clock:
    def __init__(self):
        self.now = 0

    def ticks_ms(self):
        return self.now

    def ticks_since(self, then):
        return self.now - then


def session(clock, **changes):
    settings = {"username": "", "password": "", "keep_alive_s": 10}
    settings.update(changes)
    return MqttSession("T1", "c", ticks_ms=clock.ticks_ms, ticks_since=clock.ticks_since, **settings)


def ready(clock):
    made = session(clock)
    made.take(b"\x20\x02\x00\x00")
    made.take(b"\x90\x03\x00\x01\x01")
    made.outgoing.clear()
    assert made.ready
    return made


def test_connect_is_as_clause_3_1_has_it():
    made = session(Clock(), username="u", password="p")
    assert bytes(made.outgoing[0]) == (
        b"\x10\x26\x00\x04MQTT\x04\xce\x00\x0a\x00\x01c\x00\x0fvafa/T1/request\x00\x00\x00\x01u\x00\x01p"
    )
    assert session(Clock()).outgoing[0][9] == 0x0E


def test_subscribe_follows_the_connection():
    made = session(Clock())
    made.outgoing.clear()
    assert made.take(b"\x20\x02\x00\x00") == []
    assert bytes(made.outgoing[0]) == b"\x82\x12\x00\x01\x00\x0dvafa/T1/reply\x01"
    assert not made.ready
    made.take(b"\x90\x03\x00\x01\x01")
    assert made.ready


def test_refusals():
    for answer in (b"\x20\x02\x00\x05", b"\xd0\x00", b"\x20\x01\x00"):
        unit.raises(MqttFault, session(Clock()).take, answer)
    made = session(Clock())
    made.take(b"\x20\x02\x00\x00")
    fault = unit.raises(MqttFault, made.take, b"\x90\x03\x00\x01\x80")
    assert fault.reason == "refused"


def test_a_message_is_repeated_until_it_is_acknowledged():
    clock = Clock()
    made = ready(clock)
    made.publish(b"\x00\x01x")
    sent = bytes(made.outgoing.pop())
    assert sent == b"\x32\x16\x00\x0fvafa/T1/request\x00\x02\x00\x01x"
    for _ in range(3):
        clock.now += 3000
        made.tick()
        again = [bytes(part) for part in made.outgoing if part[0] & 0xF0 == 0x30]
        assert again == [b"\x3a" + sent[1:]]
        made.outgoing.clear()
        made.take(b"\xd0\x00")
    clock.now += 3000
    fault = unit.raises(MqttFault, made.tick)
    assert fault.reason == "silent"


def test_an_acknowledged_message_is_not_repeated():
    clock = Clock()
    made = ready(clock)
    made.publish(b"\x00\x01x")
    made.take(b"\x40\x02\x00\x02")
    made.outgoing.clear()
    clock.now += 4000
    made.tick()
    assert made.outgoing == []


def test_messages_in_flight_are_bounded():
    made = ready(Clock())
    for _ in range(4):
        made.publish(b"")
    assert unit.raises(MqttFault, made.publish, b"").reason == "full"
    assert unit.raises(MqttFault, ready(Clock()).publish, bytes(1027)).reason == "too_long"


def test_replies_are_acknowledged_and_others_dropped():
    made = ready(Clock())
    reply = packet(0x32, b"\x00\x0dvafa/T1/reply", b"\x00\x07", b"answer")
    foreign = packet(0x30, b"\x00\x0dvafa/T2/reply", b"x")
    again = bytes((reply[0] | 8,)) + bytes(reply[1:])
    assert made.take(bytes(reply + foreign) + again) == [b"answer", b"answer"]
    assert [bytes(part) for part in made.outgoing] == [b"\x40\x02\x00\x07"] * 2
    assert made.take(packet(0x30, b"\x00\x0dvafa/T1/reply")) == [b""]


def test_broken_publishes_are_faults():
    for body in (b"", b"\x00", b"\x00\x05ab", b"\x00\x0dvafa/T1/reply\x00"):
        unit.raises(MqttFault, ready(Clock()).take, packet(0x32, body))
    unit.raises(MqttFault, ready(Clock()).take, packet(0x34, b"\x00\x0dvafa/T1/reply\x00\x01"))


def test_keep_alive_and_a_broker_that_is_gone():
    clock = Clock()
    made = ready(clock)
    clock.now += 4999
    made.tick()
    assert made.outgoing == []
    clock.now += 1
    made.tick()
    assert [bytes(part) for part in made.outgoing] == [b"\xc0\x00"]
    made.take(b"\xd0\x00")
    clock.now += 5000
    made.tick()
    clock.now += 5000
    assert unit.raises(MqttFault, made.tick).reason == "silent"


def test_the_clock_may_be_older_than_the_connection():
    clock = Clock()
    clock.now = 1 << 29
    made = ready(clock)
    made.tick()
    assert made.outgoing == []


def test_packets_come_in_any_pieces():
    stream = bytes(packet(0x30, bytes(200)) + packet(0xD0) + packet(0x40, b"ab"))
    whole = PacketParser().feed(stream)
    assert [kind for kind, _ in whole] == [0x30, 0xD0, 0x40]
    parser = PacketParser()
    pieces = []
    for at in range(len(stream)):
        pieces.extend(parser.feed(stream[at : at + 1]))
    assert pieces == whole


def test_lengths_are_bounded():
    assert unit.raises(MqttFault, PacketParser().feed, b"\x30\xff\x7f").reason == "too_long"
    assert unit.raises(MqttFault, PacketParser().feed, b"\x30\xff\xff\xff\xff").reason == "length"


unit.run(globals())
