"""Short APDUs (ISO/IEC 7816-4): building them, sending long data in a chain, fetching long answers."""

from terminal.constant import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.devices.apdu_channel import ApduChannel

_DATA_MOST = const(255)
_CHAINED = const(0x10)  # of the class byte: not the last command of a chain
_CHANNEL_BITS = const(0x03)
_GET_RESPONSE = const(0xC0)
_DONE = const(0x9000)
_MORE = const(0x61)
_WRONG_LENGTH = const(0x6C)
# No card of ours sends more, and none may keep a terminal busy.
_ANSWER_MOST = const(1024)
_FETCHES_MOST = const(16)

STATUS_TOO_LONG = const(0)


def command(header: bytes, data: "bytes | bytearray | memoryview", answer_bytes: "int | None") -> bytes:
    """A short APDU.

    Args:
        header: CLA, INS, P1, P2.
        data: at most 255 bytes.
        answer_bytes: how much is awaited (Le), 1 to 256; None for nothing.
    """
    apdu = bytearray(header)
    if data:
        apdu.append(len(data))
        apdu.extend(data)
    if answer_bytes is not None:
        apdu.append(answer_bytes & 0xFF)
    return bytes(apdu)


def status_of(response: bytes) -> int:
    """SW1-SW2 of a response APDU; 0 if it has none."""
    return response[-2] << 8 | response[-1] if len(response) >= 2 else 0


async def transceive(
    channel: "ApduChannel",
    header: bytes,
    data: "bytes | bytearray | memoryview" = b"",
    answer_bytes: "int | None" = 256,
) -> "tuple[bytes, int]":
    """Send a command of any length and fetch all of its answer: the data and SW1-SW2.

    Data over 255 bytes goes in a chain (clause 5.3.3), 61xx is followed by GET RESPONSE and 6Cxx by the same
    command with the length that the card asked for (clause 5.3.4). A status of 0 is an answer that is too
    long, or none.

    Raises:
        ChannelFault, OSError: as `exchange` of the channel.
    """
    at = 0
    while len(data) - at > _DATA_MOST:
        piece = command(bytes((header[0] | _CHAINED,)) + header[1:], data[at : at + _DATA_MOST], None)
        status = status_of(await channel.exchange(piece))
        if status != _DONE:
            return b"", status
        at += _DATA_MOST
    response = await channel.exchange(command(header, data[at:], answer_bytes))
    status = status_of(response)
    if status >> 8 == _WRONG_LENGTH and answer_bytes is not None:
        response = await channel.exchange(command(header, data[at:], (status & 0xFF) or 256))
        status = status_of(response)
    answer = bytearray(response[:-2])
    fetch = bytes((header[0] & _CHANNEL_BITS, _GET_RESPONSE, 0, 0))
    for _ in range(_FETCHES_MOST):
        if status >> 8 != _MORE:
            return bytes(answer), status
        response = await channel.exchange(command(fetch, b"", (status & 0xFF) or 256))
        status = status_of(response)
        if status >> 8 == _WRONG_LENGTH:
            response = await channel.exchange(command(fetch, b"", (status & 0xFF) or 256))
            status = status_of(response)
        answer.extend(response[:-2])
        if len(answer) > _ANSWER_MOST:
            break
    return b"", STATUS_TOO_LONG
