"""Update images and a key that signs them, on both interpreters, and the switch's side of a download."""

import hashlib
import struct

from terminal.messages import tlv

# A key of this file alone: what it signs is worth nothing.
MODULUS_HEX = (
    "b987e4ccbc124ef453132d1601cf7acd8decca9644262f4c0150150d242c72b8cdb94f5fd5a63ffb7e116bb4600db513"
    "17a4417b82c43f87cbce00b938686b89270cd15c55ee9ee3ec3cd7256e78cdf9605e52b9f7623556005217e4f3b159a6"
    "0ee8ac762a3add5fe514a031a60b29114a9577b8884ed71ed16fcad21b6a249f3797c61c24bcd6d69e03a9a24a6e5496"
    "cdda65ec127b282caf077af364437351fac29d759f3e6ea4a364741ef23d159a30a905cfde01fa063af87347cdc312d5"
    "4a4f8a5dcfc43f7fca98199b62152900b0d2e2ea48dc6b06bf394a306e055ad265bf73e17a515c24ca8dbc386ab2e416"
    "31c8a871813ebc77fbe1c3755c387a25"
)
_EXPONENT_HEX = (
    "200f424379a54d44ed7d150fa638f0dec7cd58f58de9ae471b3bf82348f2b0514c655ef8afbdd67512241701388eedd1"
    "128704f4bf9443692717de2aa37b71c7a5ba928bfae26cccf463d006ad180d79b0042495f39062288e0e218863eeebcf"
    "a4e86272d9d9c9aaba366df71e5af3da03d21fb9c0be24f0b39eb684c78d782dca8ee8aba3ce630d782200d2036178f0"
    "6f7e01367267e0023bb7463733c3138c9d57c7f0d7d264aa2fc870d8645fd191180e9b9961c6eabdc0e2b4accce367e5"
    "f8dab4f6de9b829e0ca2d17f3d942f00a7cf336631ef39610a2f411151ac9ca199e089a1b5df8986643ca3d6554b62f7"
    "e94d551528f35c078b4fe0597876b9a9"
)
MODULUS = bytes.fromhex(MODULUS_HEX)
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def signature_of(data: bytes) -> bytes:
    """RSASSA-PKCS1-v1_5 by the textbook."""
    encoded = b"\x00\x01" + b"\xff" * 202 + b"\x00" + _DIGEST_INFO + hashlib.sha256(data).digest()
    signed = pow(int.from_bytes(encoded, "big"), int(_EXPONENT_HEX, 16), int(MODULUS_HEX, 16))
    return signed.to_bytes(256, "big")


def image_of(
    content: bytes,
    counter: int = 1,
    board: str = "test",
    version: "tuple[int, int, int]" = (1, 0, 0),
    least_base: "tuple[int, int, int]" = (1, 0, 0),
) -> bytes:
    """A signed image."""
    head = struct.pack(
        ">3sB8sHHHHHHII32s",
        b"VFU",
        1,
        (board + " " * 8)[:8].encode(),
        *version,
        *least_base,
        counter,
        len(content),
        hashlib.sha256(content).digest(),
    )
    return head + signature_of(head) + content


def answer(image: bytes, question: "dict[int, str | bytes]") -> "dict[int, str | bytes]":
    """The switch's answer to a question for a part of a file."""
    record = question[120]
    assert isinstance(record, bytes)
    offset = tlv.number(record, 0xDF57)
    part = image[offset : offset + 512]
    private: bytes = b"\xdf\x57\x04" + tlv.digits(offset, 8) + b"\xdf\x58\x04" + tlv.digits(len(image), 8)
    private += b"\xdf\x5a\x20" + hashlib.sha256(image).digest()
    return {39: "00", 48: private + b"\xdf\x59\x82" + len(part).to_bytes(2, "big") + part}
