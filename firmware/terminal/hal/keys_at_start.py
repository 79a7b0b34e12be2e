"""What the key store of a board has when it starts; let go of when that is known."""

from terminal.hal.key_slot import KeySlot
from terminal.loading import KEY_MODULES, let_go
from terminal.security.stored_slot import read_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from terminal.hal.contract import Parts, SecureSlot

    class Board(Parts, Protocol):
        """What of a board the keys are for."""

        secure: SecureSlot
        service: str


def take_keys(board: "Board") -> None:
    """Give the board its slot, or the reason why it has none. Raises OSError."""
    board.service, key, has_pin_key = read_keys(board)
    if key is not None:
        board.secure = KeySlot(key, board if has_pin_key else None)
        for index in range(len(key)):
            key[index] = 0
    let_go(KEY_MODULES)
    let_go("hal.keys_at_start")
