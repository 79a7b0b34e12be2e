"""The state of a DUKPT terminal at any counter, set up the way its registers are defined."""

from protocol.security.dukpt import KeySerialNumber, derive_transaction_key


def state_before(initial_key: bytes, key_id: bytes, counter: int) -> bytes:
    """The state of a terminal whose next transaction is `counter`, without going through those before it."""
    state = key_id + counter.to_bytes(5)
    lowest = (counter & -counter).bit_length() - 1
    for position in range(32):
        prefix = counter >> position + 1 << position + 1 | 1 << position
        if position >= lowest and prefix.bit_count() <= 16 and prefix >= counter:
            state += derive_transaction_key(initial_key, KeySerialNumber(key_id, prefix))
        else:
            state += bytes(len(initial_key))
    return state
