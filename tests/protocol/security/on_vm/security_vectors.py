"""The published vectors on MicroPython, one JSON object a line, for together they do not fit the heap."""

import gc
import json
import sys
from binascii import unhexlify

from terminal.messages.cmac import CmacKey, cmac, cmac8
from terminal.security.dukpt import (
    DATA_BOTH_WAYS,
    DATA_DECRYPTION,
    DATA_ENCRYPTION,
    KEY_ENCRYPTION,
    MAC_BOTH_WAYS,
    MAC_GENERATION,
    MAC_VERIFICATION,
    PIN_ENCRYPTION,
    DukptTerminal,
    load_initial_key,
)
from terminal.security.kcv import check_value
from terminal.security.pin_block import encipher_format_4
from terminal.security.sealer import BY_OWN_KEY, BY_SESSION, Sealer

USAGES = {
    "KEY_ENCRYPTION": KEY_ENCRYPTION,
    "PIN_ENCRYPTION": PIN_ENCRYPTION,
    "MAC_GENERATION": MAC_GENERATION,
    "MAC_VERIFICATION": MAC_VERIFICATION,
    "MAC_BOTH_WAYS": MAC_BOTH_WAYS,
    "DATA_ENCRYPTION": DATA_ENCRYPTION,
    "DATA_DECRYPTION": DATA_DECRYPTION,
    "DATA_BOTH_WAYS": DATA_BOTH_WAYS,
}


class Device:
    """The DUKPT state that the lines of one initial key share."""

    terminal = None


def aes_cmac(vector):
    message = unhexlify(vector["message"])
    assert cmac(unhexlify(vector["key"]), message, len(message)) == unhexlify(vector["mac"])


def kdf_counter_mode(vector):
    derived = unhexlify(vector["derived"])
    # A derived key shows only what it computes.
    key = CmacKey(unhexlify(vector["key"])).derive(unhexlify(vector["fixed_input"]))
    assert key.cmac(b"", 0) == cmac(derived, b"", 0)


def cmac_check_value(vector):
    assert check_value(unhexlify(vector["key"])) == unhexlify(vector["check_value"])


def pin_block_format_4(vector):
    pin = bytearray(vector["pin"].encode())
    random, key = unhexlify(vector["random"]), unhexlify(vector["key"])
    assert encipher_format_4(key, pin, vector["account_number"], random) == unhexlify(vector["block"])
    assert not any(pin)


def dukpt_initial_key(vector):
    state = load_initial_key(unhexlify(vector["initial_key"]), unhexlify(vector["initial_key_id"]))
    Device.terminal = DukptTerminal(state)


def dukpt_stored_state(vector):
    Device.terminal = DukptTerminal(bytearray(unhexlify(vector["state"])))


def dukpt_transaction(vector):
    terminal = Device.terminal
    serial = terminal.next_transaction()
    assert int.from_bytes(serial[8:], "big") == vector["counter"]
    for row in vector["working_keys"]:
        key = unhexlify(row["key"])
        assert terminal.working_key(USAGES[row["usage"]], len(key)) == key
    terminal.end_transaction()


class Slot:
    """The terminal's key, as a board has it."""

    def __init__(self, key):
        self.mac = CmacKey(key).cmac8
        self.derive = CmacKey(key).derive


def session(vector):
    """The keys of a roll-over, and what both of them take."""
    sealer = Sealer(Slot(unhexlify(vector["key"])), vector["terminal_id"])
    old = b"answer" + sealer.mac(b"answer", 6)
    assert sealer.verify(old) == BY_OWN_KEY
    sealer.adopt(vector["counter"], unhexlify(vector["check_value"]))
    session_key = unhexlify(vector["session_key"])
    new = b"answer" + cmac8(session_key, b"answer", 6)
    assert sealer.mac(b"answer", 6) == new[6:]
    assert sealer.verify(new) == BY_SESSION
    assert sealer.verify(old) == BY_OWN_KEY


def run(path):
    """Check every line; the first that fails ends the script."""
    served = 0
    with open(path) as lines:  # noqa: PTH123  (MicroPython has no pathlib)
        for line in lines:
            vector = json.loads(line)
            globals()[vector["kind"]](vector)
            served += 1
            vector = None
            gc.collect()
    print("vectors", served)


run(sys.argv[1])
