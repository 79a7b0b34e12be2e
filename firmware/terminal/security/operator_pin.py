"""PINs of operators: PBKDF2 with HMAC-SHA-256 (RFC 8018 clause 5.2, RFC 2104), one block, in small portions.

So few digits are soon guessed by whoever has the check value: what protects them is that the terminal counts
attempts before it looks.
"""

import hashlib

from terminal.constant import const

ROUNDS = const(1000)  # a third of a second on a Cortex-M3 at 125 MHz
_BLOCK = const(64)
_INNER = const(0x36)
_OUTER = const(0x5C)


class PinDerivation:
    """The check value of a PIN in the making. `pin` has at most 64 bytes and is zeroed.

    Args:
        pin: ASCII digits.
        salt: random, different for each operator.
        rounds: iterations, at least 1.
    """

    def __init__(self, pin: bytearray, salt: bytes, rounds: int) -> None:
        self._inner = bytearray(_BLOCK)
        self._outer = bytearray(_BLOCK)
        for at in range(_BLOCK):
            byte = pin[at] if at < len(pin) else 0
            self._inner[at] = byte ^ _INNER
            self._outer[at] = byte ^ _OUTER
        for at in range(len(pin)):
            pin[at] = 0
        self._left = rounds - 1
        self._last = self._hmac(salt + b"\x00\x00\x00\x01")
        self._sum = bytearray(self._last)

    def advance(self, rounds: int) -> bool:
        """Do up to so many rounds; True when all are done."""
        for _ in range(min(rounds, self._left)):
            self._last = self._hmac(self._last)
            for at in range(len(self._sum)):
                self._sum[at] ^= self._last[at]
            self._left -= 1
        return not self._left

    def value(self) -> bytes:
        """The 32 bytes, once all rounds are done; wipes what they came from."""
        for at in range(_BLOCK):
            self._inner[at] = self._outer[at] = 0
        return bytes(self._sum)

    def _hmac(self, message: bytes) -> bytes:
        inner = hashlib.sha256(self._inner)
        inner.update(message)
        outer = hashlib.sha256(self._outer)
        outer.update(inner.digest())
        digest: bytes = outer.digest()
        return digest
