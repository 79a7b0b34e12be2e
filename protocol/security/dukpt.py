"""AES DUKPT, the receiving side: the keys of any transaction from the base key (ANSI X9.24-3-2017).

The key serial number is 12 bytes: base key id 4, derivation id 4, transaction counter 4. A transaction's key
comes from the initial key by one derivation for each one bit of the counter, from the highest down.
"""

from dataclasses import dataclass
from enum import Enum, IntEnum

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from protocol.security.faults import SecurityFault, SecurityFaultCode

INITIAL_KEY_ID_BYTES = 8
COUNTER_BITS = 32
COUNTER_ONE_BITS_MAXIMUM = 16
_BLOCK_BYTES = 16
_VERSION = 1
_DERIVATION = 0x8000
_DERIVATION_OF_INITIAL_KEY = 0x8001


class KeyUsage(IntEnum):
    """What a working key is for; usage indicators of clause 6.3.2."""

    KEY_ENCRYPTION = 0x0002
    PIN_ENCRYPTION = 0x1000
    MAC_GENERATION = 0x2000
    MAC_VERIFICATION = 0x2001
    MAC_BOTH_WAYS = 0x2002
    DATA_ENCRYPTION = 0x3000
    DATA_DECRYPTION = 0x3001
    DATA_BOTH_WAYS = 0x3002


class KeyType(Enum):
    """The algorithm that a key is for: its indicator of clause 6.3.2 and its length in bits."""

    TDEA2 = (0, 128)
    TDEA3 = (1, 192)
    AES128 = (2, 128)
    AES192 = (3, 192)
    AES256 = (4, 256)

    @property
    def indicator(self) -> int:
        """Algorithm indicator of the derivation data."""
        return self.value[0]

    @property
    def bits(self) -> int:
        """Length of the key."""
        return self.value[1]


_AES_TYPES = {16: KeyType.AES128, 24: KeyType.AES192, 32: KeyType.AES256}


@dataclass(frozen=True, slots=True)
class KeySerialNumber:
    """Names a terminal's initial key (8 bytes) and one of its transactions (counter, 32 bits)."""

    initial_key_id: bytes
    counter: int

    def __post_init__(self) -> None:
        if len(self.initial_key_id) != INITIAL_KEY_ID_BYTES or not 0 < self.counter < 1 << COUNTER_BITS:
            raise SecurityFault(SecurityFaultCode.BAD_KEY_SERIAL_NUMBER)
        if self.counter.bit_count() > COUNTER_ONE_BITS_MAXIMUM:
            raise SecurityFault(SecurityFaultCode.BAD_KEY_SERIAL_NUMBER)

    @classmethod
    def parse(cls, serial: bytes) -> "KeySerialNumber":
        """From the 12 bytes of a message.

        Raises SecurityFault BAD_KEY_SERIAL_NUMBER for another length, counter 0, or a counter that no
        terminal uses.
        """
        if len(serial) != INITIAL_KEY_ID_BYTES + COUNTER_BITS // 8:
            raise SecurityFault(SecurityFaultCode.BAD_KEY_SERIAL_NUMBER)
        return cls(serial[:INITIAL_KEY_ID_BYTES], int.from_bytes(serial[INITIAL_KEY_ID_BYTES:]))

    def encode(self) -> bytes:
        """The 12 bytes of a message."""
        return self.initial_key_id + self.counter.to_bytes(4)


def next_counter(counter: int) -> int:
    """The next counter with at most 16 one bits, from one that has at most 16.

    Raises SecurityFault KEYS_EXHAUSTED after the last one, FFFF0000.
    """
    step = 1 if counter.bit_count() < COUNTER_ONE_BITS_MAXIMUM else counter & -counter
    if counter + step >= 1 << COUNTER_BITS:
        raise SecurityFault(SecurityFaultCode.KEYS_EXHAUSTED)
    return counter + step


def derive_initial_key(base_key: bytes, initial_key_id: bytes) -> bytes:
    """A terminal's initial key, of the base derivation key's own length (16, 24 or 32 bytes)."""
    if len(initial_key_id) != INITIAL_KEY_ID_BYTES:
        raise SecurityFault(SecurityFaultCode.BAD_KEY_SERIAL_NUMBER)
    return _derive(base_key, _DERIVATION_OF_INITIAL_KEY, aes_type(base_key), initial_key_id)


def derive_transaction_key(initial_key: bytes, serial: KeySerialNumber) -> bytes:
    """The transaction's derivation key, from which its working keys come."""
    key_type = aes_type(initial_key)
    key, prefix = initial_key, 0
    for position in range(COUNTER_BITS - 1, -1, -1):
        if serial.counter >> position & 1:
            prefix |= 1 << position
            key = derive_intermediate_key(key, key_type, serial.initial_key_id, prefix)
    return key


def derive_working_key(
    transaction_key: bytes, serial: KeySerialNumber, usage: KeyUsage, key_type: KeyType
) -> bytes:
    """One working key of the transaction.

    Raises SecurityFault BAD_KEY for an AES key longer than the key it comes from (clause 6.1.3).
    """
    if key_type.bits > aes_type(transaction_key).bits and key_type not in (KeyType.TDEA2, KeyType.TDEA3):
        raise SecurityFault(SecurityFaultCode.BAD_KEY)
    return _derive(transaction_key, usage, key_type, serial.encode()[4:])


def derive_intermediate_key(key: bytes, key_type: KeyType, initial_key_id: bytes, counter: int) -> bytes:
    """The derivation key one step down, for a counter that has one bit more than the key's own."""
    return _derive(key, _DERIVATION, key_type, initial_key_id[4:] + counter.to_bytes(4))


def aes_type(key: bytes) -> KeyType:
    """The AES key type of a derivation key. Raises SecurityFault BAD_KEY if it has no AES length."""
    try:
        return _AES_TYPES[len(key)]
    except KeyError:
        raise SecurityFault(SecurityFaultCode.BAD_KEY) from None


def _derive(key: bytes, usage: int, key_type: KeyType, identity: bytes) -> bytes:
    """Clause 6.3.1: AES in ECB over the derivation data, whose second byte counts the blocks."""
    form = usage.to_bytes(2) + key_type.indicator.to_bytes(2) + key_type.bits.to_bytes(2) + identity
    size = key_type.bits // 8
    blocks = range(1, -(-size // _BLOCK_BYTES) + 1)
    data = b"".join(bytes((_VERSION, block)) + form for block in blocks)
    return Cipher(AES(key), modes.ECB()).encryptor().update(data)[:size]  # noqa: S305  (as the standard has it)
