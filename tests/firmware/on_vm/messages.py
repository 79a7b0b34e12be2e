"""The small codec on the VM: what it packs it reads, and nothing mangled passes for a message."""

import unit
from terminal.links.matching import Rejected, read_answer, response_type
from terminal.messages import tlv
from terminal.messages.cmac import cmac8
from terminal.messages.codec import MessageFault, pack, unpack

KEY = bytes(range(16))
REQUEST = {
    3: "000000",
    4: "000002500000",
    7: "0321093000",
    11: "000123",
    12: "130000",
    13: "0321",
    22: "021",
    35: "6369490000000013=3012101",
    41: "VAFA0001",
    42: "SHOP1",
    49: "364",
}


def mac(buffer, length):
    return cmac8(KEY, buffer, length)


def packed(mti, fields):
    buffer = bytearray(1024)
    length = pack(buffer, mti, fields, mac)
    return bytes(buffer[:length])


def reply(**changes):
    fields = {number: REQUEST[number] for number in (3, 4, 7, 11, 12, 13, 41, 42, 49)}
    fields[39] = "00"
    for name, value in changes.items():
        fields[int(name[1:])] = value
    return packed("0210", fields)


def test_a_request_reads_back():
    mti, fields = unpack(packed("0200", REQUEST))
    assert mti == "0200"
    for number, value in REQUEST.items():
        assert fields[number] == value
    assert len(fields[64]) == 8


def test_a_field_that_the_spec_lacks_is_refused():
    unit.raises(MessageFault, packed, "0200", {11: "000001", 5: "1"})


def test_truncated_messages_are_faults():
    whole = packed("0200", REQUEST)
    for length in range(len(whole)):
        unit.raises(MessageFault, unpack, whole[:length])


def test_the_answer_is_recognised():
    mti, fields = read_answer(reply(), ("0200", REQUEST), mac)
    assert mti == "0210" and fields[39] == "00"


def test_what_is_not_the_answer_is_rejected():
    good = reply()
    cases = (
        ("mac", good[:-1] + bytes((good[-1] ^ 1,)), ("0200", REQUEST)),
        ("mac", good[:20] + bytes((good[20] ^ 1,)) + good[21:], ("0200", REQUEST)),
        ("late", good, None),
        ("foreign", good, ("0100", REQUEST)),
        ("foreign", reply(f11="000124"), ("0200", REQUEST)),
        ("foreign", reply(f7="0321093001"), ("0200", REQUEST)),
        ("foreign", reply(f41="VAFA0002"), ("0200", REQUEST)),
        ("foreign", reply(f4="000002500001"), ("0200", REQUEST)),
        ("format", b"short", ("0200", REQUEST)),
    )
    for reason, payload, waiting in cases:
        fault = unit.raises(Rejected, read_answer, payload, waiting, mac)
        assert fault.reason == reason, (reason, fault.reason)


def test_response_types():
    for request, response in (("0200", "0210"), ("0401", "0410"), ("0100", "0110"), ("0800", "0810")):
        assert response_type(request) == response


def test_tags():
    buffer = bytearray(40)
    end = tlv.put(buffer, 0, 0xDF0A, b"vafa")
    assert tlv.text(buffer[:end], 0xDF0A) == "vafa"
    assert tlv.find(buffer[:end], 0xDF0B) is None


unit.run(globals())
