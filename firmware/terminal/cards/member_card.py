"""A member's card with the club's application: read it, prove it, read and write its offline balance."""

from terminal.cards import layout
from terminal.cards.apdu import transceive
from terminal.cards.fault import CardFault
from terminal.cards.records import Balance, Identity, read_balance
from terminal.devices.apdu_channel import ChannelFault
from terminal.messages import tlv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.cards.zone_slot import CardSlot
    from terminal.devices.apdu_channel import ApduChannel


class MemberCard:
    """One card while it is in the reader.

    The order is: `read`, `authenticate`, then balances. Only an authenticated card may be trusted: anyone can
    make one that reads the same.

    Args:
        channel: the card.
        slots: the zones whose cards this terminal takes; two generations of one zone while keys change.
    """

    def __init__(self, channel: "ApduChannel", slots: "list[CardSlot]") -> None:
        self.identity: "Identity | None" = None
        self._channel = channel
        self._slots = slots
        self._slot: "CardSlot | None" = None
        self._newest = 0  # number of the record that counts
        self._counter = 0
        self._balances_read = False

    async def read(self) -> Identity:
        """Select the application and read whose card it is.

        Raises:
            CardFault: no_answer, no_application, unknown_version, bad_record or refused.
        """
        self.close()
        self.identity = None
        select = bytes((layout.CLASS_PLAIN, layout.SELECT, layout.SELECT_BY_NAME, 0))
        control, status = await self._send(select, layout.APPLICATION_IDENTIFIER)
        if status != layout.DONE:
            raise CardFault("no_application")
        _check_version(control)
        record, status = await self._send(
            _record(layout.CLASS_PLAIN, layout.READ_RECORD, layout.IDENTITY_FILE, 1)
        )
        if status == layout.NO_RECORD:
            # Ours, and nobody's yet.
            raise CardFault("bad_record")
        if status != layout.DONE:
            raise CardFault("refused")
        self.identity = Identity(record)
        return self.identity

    async def authenticate(self) -> None:
        """Have the card prove itself, and prove this terminal to the card.

        Raises:
            CardFault: no_answer, other_zone, not_genuine, terminal_refused, blocked or refused.
        """
        self.close()
        identity = self.identity
        if identity is None:
            raise CardFault("refused")
        slot = self._slot_of(identity)
        challenge = await slot.challenge()
        header = bytes((layout.CLASS_PLAIN, layout.INTERNAL_AUTHENTICATE, 0, 0))
        answer, status = await self._send(header, challenge)
        if status != layout.DONE:
            raise CardFault("refused")
        proof = await slot.verify(identity.raw, answer)
        header = bytes((layout.CLASS_PLAIN, layout.EXTERNAL_AUTHENTICATE, 0, 0))
        _, status = await self._send(header, proof, None)
        if status != layout.DONE:
            slot.close()
            raise CardFault("blocked" if status == layout.BLOCKED else "terminal_refused")
        self._slot = slot

    async def read_balance(self) -> "Balance | None":
        """The offline balance, or None if the card never had one.

        Raises:
            CardFault: no_answer, not_genuine, bad_balance or refused.
        """
        newest: "Balance | None" = None
        self._newest = 0
        self._balances_read = False
        for number in range(1, layout.BALANCE_RECORDS + 1):
            header = _record(layout.CLASS_SECURE, layout.READ_RECORD, layout.BALANCE_FILE, number)
            record = await self._send_secured(header, b"")
            if not record:
                continue  # never written, or torn while it was
            balance = await self._balance_in(record)
            if newest is None or balance.counter > newest.counter:
                newest = balance
                self._newest = number
        self._counter = newest.counter if newest else 0
        self._balances_read = True
        return newest

    async def write_balance(self, balance: Balance) -> None:
        """Write the balance that follows the one last read; its counter is set here.

        The older record is replaced, so if the card is torn out one of the two is there.

        Raises:
            CardFault: uncertain: it may have been written or not, and the counter in `balance` tells when the
                card is back; refused; not_genuine.
            ValueError: a value does not fit its field.
        """
        slot = self._slot
        if slot is None or not self._balances_read or self._counter == layout.COUNTER_MAXIMUM:
            raise CardFault("refused")
        balance.counter = self._counter + 1
        content = balance.pack()
        number = 2 if self._newest == 1 else 1
        header = _record(layout.CLASS_SECURE, layout.UPDATE_RECORD, layout.BALANCE_FILE, number)
        record = content + await slot.sign(content)
        try:
            await self._send_secured(header, record)
        except CardFault as fault:
            self._balances_read = False
            if fault.reason in ("no_answer", "not_genuine"):
                raise CardFault("uncertain") from None
            raise
        self._newest = number
        self._counter = balance.counter

    def close(self) -> None:
        """Forget the session."""
        if self._slot is not None:
            self._slot.close()
        self._slot = None
        self._balances_read = False

    async def _balance_in(self, record: bytes) -> Balance:
        slot = self._slot
        if slot is None or len(record) != layout.BALANCE_RECORD_BYTES or not await slot.signed(record):
            raise CardFault("bad_balance")
        return read_balance(record[: layout.BALANCE_BYTES])

    def _slot_of(self, identity: Identity) -> "CardSlot":
        for slot in self._slots:
            if slot.zone == identity.key_zone and slot.generation == identity.key_generation:
                return slot
        raise CardFault("other_zone")

    async def _send(
        self, header: bytes, data: bytes = b"", answer_bytes: "int | None" = 256
    ) -> "tuple[bytes, int]":
        try:
            return await transceive(self._channel, header, data, answer_bytes)
        except (ChannelFault, OSError):
            self.close()
            raise CardFault("no_answer") from None

    async def _send_secured(self, header: bytes, data: bytes) -> bytes:
        slot = self._slot
        if slot is None:
            raise CardFault("refused")
        answer, status = await self._send(header, data + await slot.command_check(header, data))
        if status != layout.DONE:
            self.close()
            raise CardFault("refused")
        end = len(answer) - layout.CHECK_BYTES
        if end < 0 or not await slot.response_holds(answer[:end], status, answer[end:]):
            self.close()
            raise CardFault("not_genuine")
        return answer[:end]


def _record(kind: int, instruction: int, file: int, number: int) -> bytes:
    return bytes((kind, instruction, number, file << 3 | layout.RECORD_NUMBER_IN_P1))


def _check_version(control: bytes) -> None:
    information = tlv.find(control, layout.CONTROL_TAG)
    proprietary = tlv.find(information, layout.PROPRIETARY_TAG) if information else None
    version = tlv.find(proprietary, layout.VERSION_TAG) if proprietary else None
    if version is None:
        raise CardFault("no_application")
    if len(version) != 1 or version[0] != layout.VERSION:
        raise CardFault("unknown_version")
