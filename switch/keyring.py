"""Everything that is derived from the master key, and kept in memory only."""

import hashlib
import hmac

from protocol.security.dukpt import (
    KeySerialNumber,
    KeyType,
    KeyUsage,
    derive_initial_key,
    derive_transaction_key,
    derive_working_key,
)
from protocol.security.keys import (
    MASTER_KEY_BYTES,
    derive_dukpt_base_key,
    derive_terminal_key,
    derive_terminal_pin_key,
)
from protocol.security.mac import Mac
from switch.journal.format import KEY_CHECK_BYTES
from switch.ledger.records import TerminalRecord

_AES_KEY_BYTES = 16
# Its number counts up whenever tokens or digests are made in another way: older journals are refused.
_KEY_CHECK_PURPOSE = b"vafa switch key check 2"


class Keyring:
    """Keys of terminals, and the secrets that keep card numbers and PINs out of the journal.

    A card's number is known by its token, a request's content by a digest, a PIN by its check value. All are
    AES-CMACs under keys of their own (`token_mac`, `content_mac`), because there are few enough of each to
    try them all. `key_check` tells a journal of another master key, `console_key` seals secrets of the
    console's users.
    """

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != MASTER_KEY_BYTES:
            raise ValueError(f"a master key has {MASTER_KEY_BYTES} bytes")
        self._master_key = master_key
        self._macs: dict[str, tuple[int, Mac]] = {}
        self.token_mac = Mac(_derive(master_key, b"vafa switch card token")[:_AES_KEY_BYTES])
        self.content_mac = Mac(_derive(master_key, b"vafa switch content digest")[:_AES_KEY_BYTES])
        self._pin_mac = Mac(_derive(master_key, b"vafa switch pin check"))
        self.console_key = _derive(master_key, b"vafa switch console users")
        self.key_check = _derive(master_key, _KEY_CHECK_PURPOSE)[:KEY_CHECK_BYTES]

    def mac(self, terminal: TerminalRecord) -> Mac:
        """MAC of a terminal's present key generation; made once for each generation."""
        known = self._macs.get(terminal.terminal_id)
        if known is not None and known[0] == terminal.key_generation:
            return known[1]
        mac = Mac(self.terminal_key(terminal))
        self._macs[terminal.terminal_id] = (terminal.key_generation, mac)
        return mac

    def terminal_key(self, terminal: TerminalRecord) -> bytes:
        """MAC key of a terminal's present key generation, from which its session keys are derived."""
        return derive_terminal_key(self._master_key, terminal.terminal_id, terminal.key_generation)

    def pin_key(self, terminal: TerminalRecord, serial: bytes = b"") -> bytes:
        """Key of a PIN block from a terminal of its present key generation.

        Args:
            terminal: who sent it.
            serial: the key serial number that came with the block; empty where none did.

        Raises:
            SecurityFault: there is no such key serial number.
        """
        if not serial:
            return derive_terminal_pin_key(self._master_key, terminal.terminal_id, terminal.key_generation)
        named = KeySerialNumber.parse(serial)
        base = derive_dukpt_base_key(self._master_key, terminal.terminal_id, terminal.key_generation)
        transaction_key = derive_transaction_key(derive_initial_key(base, named.initial_key_id), named)
        return derive_working_key(transaction_key, named, KeyUsage.PIN_ENCRYPTION, KeyType.AES128)

    def pin_check(self, card_token: bytes, pin: str) -> bytes:
        """Check value of a card's PIN: the leftmost 8 bytes of AES-CMAC over token and digits."""
        return self._pin_mac.sign(card_token + pin.encode("ascii"))

    def card_token(self, card_number: str) -> bytes:
        """Token of a card number."""
        return self.token_mac.digest(card_number.encode("ascii"))

    def content_digest(self, content: bytes) -> bytes:
        """Digest by which a repeat's content is compared with the original's."""
        return self.content_mac.digest(content)


def _derive(master_key: bytes, purpose: bytes) -> bytes:
    return hmac.new(master_key, purpose, hashlib.sha256).digest()
