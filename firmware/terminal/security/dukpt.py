"""AES DUKPT, the originating side (ANSI X9.24-3-2017): registers that forget the keys they have used.

Register i holds the key of the counter whose lowest one bit is i and whose higher bits are those of the next
transaction. All state is in one buffer of 13 bytes (initial key id, next counter) and 32 keys, zeros where
erased.
"""

from terminal.constant import const
from terminal.messages.cipher import aes

KEY_ENCRYPTION = 0x0002
PIN_ENCRYPTION = 0x1000
MAC_GENERATION = 0x2000
MAC_VERIFICATION = 0x2001
MAC_BOTH_WAYS = 0x2002
DATA_ENCRYPTION = 0x3000
DATA_DECRYPTION = 0x3001
DATA_BOTH_WAYS = 0x3002
_DERIVATION = const(0x8000)
_ECB = const(1)
_HEADER = const(13)
_REGISTERS = const(32)
_ONE_BITS_MAXIMUM = const(16)


class DukptFault(Exception):  # noqa: N818  (a fault is the field's word)
    """The state can't serve; `reason` is "exhausted" or "state"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DukptTerminal:
    """State of one originating device.

    The caller stores `state` before it sends anything under the keys of `next_transaction()`: a counter must
    never be used twice, a lost one is no loss. `state` is as secret as the keys.
    """

    def __init__(self, state: bytearray) -> None:
        """Goes on from a stored state, in place. Raises DukptFault "state"."""
        size, rest = divmod(len(state) - _HEADER, _REGISTERS)
        if rest or size not in (16, 32):
            raise DukptFault("state")
        self.state = state
        self._size = size
        if not 0 < self._counter() <= 1 << 32 or _one_bits(self._counter()) > _ONE_BITS_MAXIMUM:
            raise DukptFault("state")
        self._key = b""
        self.serial = b""

    def next_transaction(self) -> bytes:
        """The key serial number of the next transaction, 12 bytes; its keys come from `working_key`.

        Raises DukptFault "exhausted" when no counter is left: a new initial key is due.
        """
        state, size = self.state, self._size
        counter = self._counter()
        if counter >> 32:
            raise DukptFault("exhausted")
        lowest = _lowest_bit(counter)
        at = _HEADER + lowest * size
        key = bytes(state[at : at + size])
        if not any(key):
            raise DukptFault("state")
        for index in range(at, at + size):
            state[index] = 0
        self._key = key
        self.serial = bytes(state[0:8]) + bytes(state[9:13])
        step = 1 << lowest
        if _one_bits(counter) < _ONE_BITS_MAXIMUM:
            step = 1
            if lowest:
                self._fill_below(lowest, aes(key, _ECB), counter)
        state[8:13] = (counter + step).to_bytes(5, "big")
        return self.serial

    def working_key(self, usage: int, size: int = 16) -> bytes:
        """One key of the transaction just begun, AES of 16 bytes, or 32 if the initial key has 32."""
        if not self._key or size not in (16, self._size):
            raise DukptFault("state")
        counter = int.from_bytes(self.serial[8:], "big")
        return _derive(aes(self._key, _ECB), usage, size, self.serial[4:8], counter)

    def end_transaction(self) -> None:
        """Forget the key that the transaction's working keys come from."""
        self._key = b""

    def _fill_below(self, lowest: int, cipher: aes, counter: int) -> None:
        state, size = self.state, self._size
        for position in range(lowest):
            at = _HEADER + position * size
            state[at : at + size] = _derive(cipher, _DERIVATION, size, state[4:8], counter | 1 << position)

    def _counter(self) -> int:
        return int.from_bytes(self.state[8:13], "big")


def load_initial_key(initial_key: bytes, initial_key_id: bytes) -> bytearray:
    """A new state from an initial key of 16 or 32 bytes and its id of 8; the key itself is not kept."""
    size = len(initial_key)
    if size not in (16, 32) or len(initial_key_id) != 8:
        raise DukptFault("state")
    state = bytearray(_HEADER + _REGISTERS * size)
    state[0:8] = initial_key_id
    state[12] = 1
    cipher = aes(initial_key, _ECB)
    for position in range(_REGISTERS):
        at = _HEADER + position * size
        state[at : at + size] = _derive(cipher, _DERIVATION, size, initial_key_id[4:], 1 << position)
    return state


def _derive(cipher: aes, usage: int, size: int, device: "bytes | bytearray", counter: int) -> bytes:
    """A key of `size` bytes: AES over version, block, usage, algorithm, bits and identity (clause 6.3)."""
    data = bytearray(size)
    for at in range(0, size, 16):
        data[at] = 1
        data[at + 1] = at // 16 + 1
        data[at + 2 : at + 4] = usage.to_bytes(2, "big")
        data[at + 5] = size // 8  # 2 for AES-128, 4 for AES-256
        data[at + 6 : at + 8] = (8 * size).to_bytes(2, "big")
        data[at + 8 : at + 12] = device
        data[at + 12 : at + 16] = counter.to_bytes(4, "big")
    return cipher.encrypt(data)


def _lowest_bit(counter: int) -> int:
    position = 0
    while not counter >> position & 1:
        position += 1
    return position


def _one_bits(counter: int) -> int:
    count = 0
    while counter:
        counter &= counter - 1
        count += 1
    return count
