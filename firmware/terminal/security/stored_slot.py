"""The keys of a board that keeps them in a key store: what start-up finds there, and PIN encryption.

Nothing of it stays in memory but the terminal's key in its cipher; a PIN opens the store again.
"""

from terminal.security.key_store import BLOCKS, PIN_STATE, TERMINAL_KEY, KeyStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.hal.contract import Parts


def read_keys(board: "Parts") -> "tuple[str, bytearray | None, bool]":
    """Why the terminal can't sell (tampered, no_keys, asked; or empty), its key, whether it has a PIN key.

    Raises:
        OSError: the board has no flash for keys, or it failed.
    """
    store = KeyStore(board.part("keys", BLOCKS))
    held = store.key(TERMINAL_KEY)
    key = None if held is None else bytearray(held)
    reason = "asked" if store.service_asked else ""
    if store.tampered:
        reason = "tampered"
    elif key is None and not reason:
        reason = "no_keys"
    has_pin_key = store.key(PIN_STATE) is not None
    store.forget()
    return reason, key, has_pin_key


def pin_block(
    board: "Parts", pin: bytearray, account_number: str, random_bytes: "Callable[[int], bytes]"
) -> "tuple[bytes, bytes]":
    """A PIN block of ISO 9564 format 4 under a DUKPT key that is used once, and its key serial number.

    The state without that key is on flash before the block is made. `pin` is zeroed, whatever comes of it.

    Raises:
        OSError: there is no PIN key, none is left, or the flash takes no record.
        PinFault: see there.
    """
    from terminal.security.dukpt import PIN_ENCRYPTION, DukptFault, DukptTerminal  # noqa: PLC0415  (not at start)
    from terminal.security.pin_block import encipher_format_4  # noqa: PLC0415

    store = None
    try:
        store = KeyStore(board.part("keys", BLOCKS))
        state = store.key(PIN_STATE)
        if state is None:
            raise OSError("no PIN key")
        dukpt = DukptTerminal(state)
        serial = dukpt.next_transaction()
        store.save()
        key = dukpt.working_key(PIN_ENCRYPTION)
        dukpt.end_transaction()
        return encipher_format_4(key, pin, account_number, random_bytes(8)), serial
    except DukptFault:
        raise OSError("no PIN key is left") from None
    finally:
        for index in range(len(pin)):
            pin[index] = 0
        if store:
            store.forget()
