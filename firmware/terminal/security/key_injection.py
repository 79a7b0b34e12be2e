"""Bringing keys into a terminal.

Every attempt is counted down and saved before anything is looked at; the one that leaves none wipes all keys.
Keys come as key blocks under the transport key, or, once in a terminal's life and in a secured room, as clear
components of which each is nothing by itself. Whoever brings one is shown check values, never a key.
"""

from terminal.security.dukpt import DukptFault, load_initial_key
from terminal.security.kcv import check_value
from terminal.security.key_block import KeyBlockFault, unwrap
from terminal.security.key_store import ATTEMPTS, PIN_STATE, TERMINAL_KEY, TRANSPORT_KEY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.security.key_store import KeyStore

    Log = Callable[..., None]

_COMPONENTS = (2, 3)
# Key usages of X9.143 clause 6: CMAC key of a terminal, key block protection key, initial DUKPT key.
_SLOTS = {"M6": TERMINAL_KEY, "K1": TRANSPORT_KEY, "B1": PIN_STATE}


class InjectionFault(Exception):  # noqa: N818  (a fault is the field's word)
    """`reason` is refused, closed (no clear keys any more), no_transport_key, wiped, tampered or has_keys."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeyInjection:
    """The keys of one terminal.

    Args:
        store: keeps them.
        log: told `key_injected`, `key_refused`, `keys_wiped`; never a key.
    """

    def __init__(self, store: "KeyStore", log: "Log") -> None:
        self._store = store
        self._log = log

    def inject_block(self, block: bytes, initial_key_id: bytes = b"") -> bytes:
        """Take a key block under the transport key; returns the key's check value.

        Args:
            block: version D; usage M6 (terminal key), K1 (next transport key) or B1 (initial PIN key).
            initial_key_id: 8 bytes, with B1 only.

        Raises:
            InjectionFault: see there.
            OSError: the flash takes no record; nothing was looked at.
        """
        transport = self._store.key(TRANSPORT_KEY)
        if transport is None:
            raise InjectionFault("no_transport_key")
        self._count_down()
        try:
            usage, key = unwrap(transport, block)
        except KeyBlockFault:
            self._refuse()
        slot = _SLOTS.get(usage)
        if (
            slot is None
            or (slot == PIN_STATE) != bool(initial_key_id)
            or (slot == TERMINAL_KEY and len(key) != 16)
        ):
            _overwrite(key)
            self._refuse()
        return self._keep(slot or 0, key, initial_key_id)

    def inject_clear(self, slot: int, components: "list[bytearray]", expected: bytes) -> bytes:
        """Take a key of two or three clear components, whose sum (XOR) it is; overwrites them.

        Args:
            slot: TERMINAL_KEY or TRANSPORT_KEY.
            components: as the people who hold them keyed them in.
            expected: the check value that the key must have, 5 bytes.

        Raises:
            InjectionFault: see there.
            OSError: the flash takes no record.
        """
        key = bytearray(len(components[0]) if components else 0)
        try:
            if self._store.clear_closed:
                raise InjectionFault("closed")
            self._count_down()
            sizes = {len(component) for component in components}
            if (
                len(components) not in _COMPONENTS
                or slot not in (TERMINAL_KEY, TRANSPORT_KEY)
                or sizes
                not in (
                    {16},
                    {32},
                )
            ):
                self._refuse()
            for component in components:
                for index in range(len(key)):
                    key[index] ^= component[index]
            if check_value(key) != expected or (slot == TERMINAL_KEY and len(key) != 16):
                _overwrite(key)
                self._refuse()
        finally:
            for component in components:
                _overwrite(component)
        return self._keep(slot, key, b"")

    def close_clear(self) -> None:
        """The terminal leaves the secured room: no clear key is taken any more. Raises OSError."""
        self._store.clear_closed = True
        self._store.save()

    def reopen(self) -> None:
        """A terminal that gave up its keys is as one that never had any: clear keys are taken again.

        That it was tampered with stays known until it has a terminal key.

        Raises:
            InjectionFault: it still has keys.
            OSError: the flash takes no record.
        """
        store = self._store
        if not store.is_empty:
            raise InjectionFault("has_keys")
        store.attempts_left = ATTEMPTS
        store.clear_closed = False
        store.save()
        self._log("keys_reopened")

    def check_value(self, slot: int) -> bytes:
        """What may be shown of a key; empty where there is none, or it is no single key."""
        key = self._store.key(slot)
        return b"" if key is None or slot == PIN_STATE else check_value(key)

    def _count_down(self) -> None:
        store = self._store
        if store.tampered and store.clear_closed:
            raise InjectionFault("tampered")
        if store.attempts_left == 0:
            raise InjectionFault("wiped")
        store.attempts_left -= 1
        store.save()

    def _refuse(self) -> None:
        left = self._store.attempts_left
        self._log("key_refused", attempts_left=left)
        if left:
            raise InjectionFault("refused")
        self._store.clear_closed = True
        self._store.wipe()
        self._log("keys_wiped", cause="attempts")
        raise InjectionFault("wiped")

    def _keep(self, slot: int, key: bytearray, initial_key_id: bytes) -> bytes:
        shown = check_value(key)
        if slot == PIN_STATE:
            try:
                state = load_initial_key(key, initial_key_id)  # type: ignore[arg-type]  # any buffer will do
            except DukptFault:
                self._refuse()
            _overwrite(key)
            key = state
        self._store.put(slot, key)
        if slot == TERMINAL_KEY:
            self._store.tampered = False
        self._store.attempts_left = ATTEMPTS
        self._store.save()
        self._log("key_injected", slot=slot, check_value=shown.hex())
        return shown


def component_of(digits: bytearray) -> bytearray:
    """A component from hexadecimal digits as they were keyed in; overwrites them.

    Raises:
        ValueError: they are no such digits. Says not which.
    """
    found = bytearray(len(digits) // 2)
    is_good = len(digits) % 2 == 0
    for index in range(len(digits)):
        digit = digits[index] | 0x20  # lower case
        digits[index] = 0
        value = digit - 0x30 if digit < 0x61 else digit - 0x57
        is_good = is_good and (0 <= value <= 9 if digit < 0x61 else value <= 15)
        if index // 2 < len(found):
            found[index // 2] |= value & 0xF if index % 2 else (value & 0xF) << 4
    if not is_good:
        _overwrite(found)
        raise ValueError("not hexadecimal digits")
    return found


def _overwrite(buffer: bytearray) -> None:
    for index in range(len(buffer)):
        buffer[index] = 0
