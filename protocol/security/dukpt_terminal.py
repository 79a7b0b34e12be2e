"""AES DUKPT, the originating side: registers that forget the keys they have used (ANSI X9.24-3-2017).

Register i holds the key of the counter whose lowest one bit is i and whose higher bits are those of the next
transaction. Using a counter erases its register, so that past transactions can't be recomputed from the
state.
"""

from dataclasses import dataclass

from protocol.security.dukpt import (
    COUNTER_BITS,
    COUNTER_ONE_BITS_MAXIMUM,
    KeySerialNumber,
    KeyType,
    KeyUsage,
    aes_type,
    derive_intermediate_key,
    derive_working_key,
    next_counter,
)
from protocol.security.faults import SecurityFault, SecurityFaultCode


@dataclass(frozen=True, slots=True, repr=False)
class TransactionKeys:
    """The key serial number to send, and the transaction's working keys."""

    serial: KeySerialNumber
    _key: bytes

    def working_key(self, usage: KeyUsage, key_type: KeyType) -> bytes:
        """One key of the transaction; see `derive_working_key`."""
        return derive_working_key(self._key, self.serial, usage, key_type)


class DukptTerminal:
    """State of one originating device.

    The caller stores `snapshot()` before it sends anything under the keys of `next_transaction()`: a counter
    must never be used twice, a lost one is no loss.
    """

    __slots__ = ("_counter", "_initial_key_id", "_key_type", "_registers")

    def __init__(self, initial_key: bytes, initial_key_id: bytes) -> None:
        """Loads an initial key (16, 24 or 32 bytes); the state keeps only what is derived from it."""
        KeySerialNumber(initial_key_id, 1)
        self._key_type = aes_type(initial_key)
        self._initial_key_id = initial_key_id
        self._counter = 1
        self._registers: list[bytes | None] = [
            derive_intermediate_key(initial_key, self._key_type, initial_key_id, 1 << position)
            for position in range(COUNTER_BITS)
        ]

    @property
    def exhausted(self) -> bool:
        """Whether no transaction is left: a new initial key is due."""
        return self._counter >= 1 << COUNTER_BITS

    def next_transaction(self) -> TransactionKeys:
        """Keys of the next transaction; its register is erased and those below it are filled.

        Raises SecurityFault KEYS_EXHAUSTED.
        """
        if self.exhausted:
            raise SecurityFault(SecurityFaultCode.KEYS_EXHAUSTED)
        serial = KeySerialNumber(self._initial_key_id, self._counter)
        lowest = (serial.counter & -serial.counter).bit_length() - 1
        key = self._registers[lowest]
        if key is None:
            raise SecurityFault(SecurityFaultCode.BAD_KEY)
        self._registers[lowest] = None
        if serial.counter.bit_count() < COUNTER_ONE_BITS_MAXIMUM:
            for position in range(lowest):
                counter = serial.counter | 1 << position
                self._registers[position] = derive_intermediate_key(
                    key, self._key_type, self._initial_key_id, counter
                )
        try:
            self._counter = next_counter(serial.counter)
        except SecurityFault:
            self._counter = 1 << COUNTER_BITS
        return TransactionKeys(serial, key)

    def snapshot(self) -> bytes:
        """The whole state, as secret as the keys: id 8, next counter 5, then 32 keys, zeros where erased."""
        erased = bytes(self._key_type.bits // 8)
        keys = b"".join(register or erased for register in self._registers)
        return self._initial_key_id + self._counter.to_bytes(5) + keys

    @classmethod
    def restore(cls, snapshot: bytes) -> "DukptTerminal":
        """The state that `snapshot` was made of. Raises SecurityFault BAD_KEY if it can't be one."""
        size, rest = divmod(len(snapshot) - 13, COUNTER_BITS)
        counter = int.from_bytes(snapshot[8:13])
        if rest or size <= 0 or not 0 < counter <= 1 << COUNTER_BITS:
            raise SecurityFault(SecurityFaultCode.BAD_KEY)
        terminal = cls.__new__(cls)
        terminal._key_type = aes_type(bytes(size))
        terminal._initial_key_id = snapshot[:8]
        terminal._counter = counter
        keys = [snapshot[start : start + size] for start in range(13, len(snapshot), size)]
        terminal._registers = [key if any(key) else None for key in keys]
        return terminal
