"""What the terminal does when somebody opens its case: no key outlives it."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Board


def erase_keys(board: "Board", cause: str) -> None:
    """Erase every key on flash, then leave the mark that stays until keys are injected again.

    The erasing needs next to no heap. A power cut before the mark leaves a terminal without keys. The cause
    is logged. What was derived from the keys is in memory until the board starts again.

    Raises:
        OSError: the flash failed, or the board has none for keys.
    """
    flash = board.part("keys", 2)
    failed = False
    for block in range(flash.block_count):
        try:
            flash.erase(block)
        except OSError:
            failed = True
    board.log("keys_erased", cause=cause, failed=failed)

    from terminal.security.key_store import KeyStore  # noqa: PLC0415  (first of all the keys)

    store = KeyStore(flash)
    store.tampered = True
    store.clear_closed = True
    store.wipe()
