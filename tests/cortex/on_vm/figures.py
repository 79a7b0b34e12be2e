"""The figures that have a budget: one line each, `figure NAME MICROSECONDS GARBAGE_BYTES`."""

import gc

from requests import PURCHASE, TWENTY_FIELDS
from stopwatch import measure
from terminal.messages.cmac import CmacKey, cmac8
from terminal.messages.codec import pack, unpack

_KEY = bytes(range(16))
_MESSAGE = bytes(range(200))
_NO_MAC = bytes(8)

_mac = CmacKey(_KEY).cmac8
_buffer = bytearray(512)


def _no_mac(_buffer, _length) -> bytes:
    return _NO_MAC


def run() -> None:
    """Measures and prints."""
    _request("purchase", "0200", PURCHASE)
    _request("twenty_fields", "0420", TWENTY_FIELDS)
    _print("mac_of_200_bytes", lambda: _mac(_MESSAGE, 200))
    _print("mac_of_200_bytes_new_key", lambda: cmac8(_KEY, _MESSAGE, 200))
    gc.collect()
    print("heap", gc.mem_alloc(), gc.mem_free())


def _request(name, mti, fields) -> None:
    length = pack(_buffer, mti, fields, _mac)
    payload = bytes(_buffer[:length])
    print("payload", name, len(fields) + 1, length)
    _print(name + "_pack", lambda: pack(_buffer, mti, fields, _no_mac))
    _print(name + "_mac", lambda: _mac(payload, length - 8))
    _print(name + "_pack_and_mac", lambda: pack(_buffer, mti, fields, _mac))
    _print(name + "_unpack", lambda: unpack(payload))


def _print(name, action) -> None:
    tenths, garbage = measure(action)
    print("figure", name, f"{tenths // 10}.{tenths % 10}", garbage)
