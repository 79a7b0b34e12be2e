"""The golden vectors through the frozen codec."""

from golden_cases import KEY, MALFORMED, MESSAGES
from terminal.messages.cmac import CmacKey
from terminal.messages.codec import MessageFault, pack, unpack


def run() -> None:
    """Prints a line for each case that fails, and the counts."""
    mac = CmacKey(KEY).cmac8
    buffer = bytearray(1024)
    failed = 0
    for payload, mti, fields in MESSAGES:
        if unpack(payload) != (mti, fields):
            print("read_wrongly", payload.hex())
            failed += 1
        unsealed = {number: value for number, value in fields.items() if number not in (64, 128)}
        length = pack(buffer, mti, unsealed, mac)
        if bytes(buffer[:length]) != payload:
            print("written_wrongly", payload.hex())
            failed += 1
    for payload in MALFORMED:
        try:
            unpack(payload)
        except MessageFault:
            continue
        print("accepted", payload.hex())
        failed += 1
    print("vectors", len(MESSAGES), len(MALFORMED), failed)
