"""What customers, cashiers and the club come up with."""

from random import Random
from typing import NamedTuple

from protocol.dialect import (
    IRR,
    EntryMode,
    FileName,
    FileUpdateCode,
    ProcessingCode,
    Tag,
    credit_adjustment_of,
    debit_adjustment_of,
    transfer_of,
)
from protocol.message import Message, Value
from simulator.virtual_terminal.card import Card
from simulator.world.lane import Lane
from simulator.world.operation import Fields, Operation

POINTS, CREDIT = 91, 92
_HOLD_WAIT_MS_MAX = 120_000


class Member(NamedTuple):
    """One member with one card."""

    number: int
    card: Card


def members_of(count: int) -> list[Member]:
    """The members of a street."""
    return [Member(number, Card.issue("628000", number)) for number in range(1, count + 1)]


def amount_of(random: Random) -> int:
    """A bill in rial: mostly round, now and then tiny or huge."""
    return random.choice(
        (
            random.randint(1, 999),
            random.randint(1, 40) * 250_000,
            random.randint(1, 9_000_000),
            random.randint(1, 9) * 1_000,
        )
    )


def member_action(member: Member) -> Operation:
    """The record of a member."""
    return file_action(
        FileName.MEMBER,
        {Tag.MEMBER_NUMBER: f"{member.number:012d}", Tag.MEMBER_NAME: "عضو نمونه", Tag.STATUS: "A"},
    )


def card_action(member: Member, status: str) -> Operation:
    """The record of a member's card."""
    record = {
        Tag.CARD_REFERENCE: f"{member.number:012d}",
        Tag.MEMBER_NUMBER: f"{member.number:012d}",
        Tag.CARD_TYPE: "CLASSIC",
        Tag.STATUS: status,
    }
    return file_action(FileName.CARD, record, member.card.number)


def terminal_action(terminal_id: str, merchant_id: str, generation: int) -> Operation:
    """The record of a terminal."""
    return file_action(
        FileName.TERMINAL,
        {
            Tag.SUBJECT_TERMINAL_ID: terminal_id,
            Tag.RECORD_MERCHANT_ID: merchant_id,
            Tag.KEY_GENERATION: f"{generation:04d}",
            Tag.STATUS: "A",
        },
    )


def file_action(name: FileName, record: dict[Tag, str], card_number: str = "") -> Operation:
    """Set a record."""
    tags: dict[str, Value] = {tag.value: text for tag, text in record.items()}
    fields: Fields = {91: FileUpdateCode.ADD_OR_REPLACE.value, 101: name.value, 120: tags}
    if card_number:
        fields[2] = card_number
    return Operation("0300", fields)


class Sale(NamedTuple):
    """An approved sale that may come back."""

    rrn: int
    amount: int
    member: Member


class Cashier:
    """Thinks of operations for one lane."""

    def __init__(self, lane: Lane, members: list[Member], random: Random) -> None:
        self.lane = lane
        self.sales: list[Sale] = []
        self._members = members
        self._random = random

    def visit(self) -> bool:
        """Have one customer served; False where the lane has enough to do."""
        if not self.lane.is_settled:
            return False
        random = self._random
        member = random.choice(self._members)
        choice = random.randrange(100)
        if choice < 30:
            self._sale(member, random.choice((0, 0, POINTS, CREDIT)))
        elif choice < 45:
            self._hold(member)
        elif choice < 57:
            self._return(member)
        elif choice < 67:
            self._advice(member)
        elif choice < 77:
            self._ask(self._financial("0100", ProcessingCode.BALANCE_INQUIRY.value, 0, member))
        elif choice < 90:
            self._old_identity()
        else:
            operation = self._financial("0200", ProcessingCode.PURCHASE.value, amount_of(random), member)
            operation.gives_up, operation.cancel_ms = True, random.choice((0, 1, 10, 500, 3_000))
            self._ask(operation)
        return True

    def _ask(self, operation: Operation) -> None:
        self.lane.request(operation)

    def _sale(self, member: Member, purse: int) -> None:
        random = self._random
        amount = amount_of(random)
        tags: dict[str, Value] = {}
        if purse and random.random() < 0.5:
            tags[Tag.TENDER_AMOUNT.value] = f"{random.randint(1, max(amount, 2)):012d}"
        operation = self._financial("0200", f"00{purse:02d}00", amount, member, tags)
        operation.gives_up = random.random() < 0.5

        def done(_: Operation, reply: Message) -> None:
            if reply.text(39) == "00":
                self.sales.append(Sale(int(reply.text(37)), amount, member))

        operation.done = done
        self._ask(operation)

    def _hold(self, member: Member) -> None:
        random = self._random
        purse = random.choice((POINTS, CREDIT))
        amount = amount_of(random)
        operation = self._financial("0100", f"00{purse:02d}00", amount, member)
        operation.gives_up = random.random() < 0.5
        chosen = random.randrange(4)
        final = max(amount - random.randint(0, amount), 1) if chosen == 0 else amount
        tender = {Tag.TENDER_AMOUNT.value: f"{random.randint(1, final):012d}"} if chosen == 1 else {}

        def done(_: Operation, reply: Message) -> None:
            if reply.text(39) != "00":
                return
            rrn = int(reply.text(37))
            tags: dict[str, Value] = {Tag.ORIGINAL_RRN.value: f"{rrn:012d}", **tender}
            if chosen == 3:
                tags = {Tag.ORIGINAL_RRN.value: f"{rrn:012d}"}
                follow = self._financial("0200", ProcessingCode.RETURN.value, amount, member, tags)
            else:
                follow = self._financial("0200", f"00{purse:02d}00", final, member, tags)
            follow.gives_up = random.random() < 0.3
            wait_ms = random.randint(0, _HOLD_WAIT_MS_MAX)
            self.lane.agenda.after(wait_ms, lambda: self._ask(follow))

        operation.done = done
        self._ask(operation)

    def _return(self, member: Member) -> None:
        random = self._random
        rrn, amount = random.randint(1, 200), amount_of(random)
        if self.sales and random.random() < 0.9:
            sale = random.choice(self.sales)
            rrn, member = sale.rrn, sale.member
            amount = sale.amount if random.random() < 0.4 else random.randint(1, sale.amount)
        tags: dict[str, Value] = {Tag.ORIGINAL_RRN.value: f"{rrn:012d}"}
        operation = self._financial("0200", ProcessingCode.RETURN.value, amount, member, tags)
        operation.gives_up = random.random() < 0.4
        self._ask(operation)

    def _advice(self, member: Member) -> None:
        """A sale that was made while there was no link."""
        random = self._random
        operation = self._financial("0220", ProcessingCode.PURCHASE.value, amount_of(random), member)
        ago_s = random.choice((0, random.randint(1, 7_200), random.randint(1, 100_000)))
        operation.fields = self.lane.identify(operation.fields, self.lane.now_s() - ago_s)
        self._ask(operation)

    def _old_identity(self) -> None:
        """Repeat something old, or use its identity for something else."""
        random = self._random
        kept = [
            operation
            for operation in self.lane.finished[-20:]
            if self.lane.first_told[operation.identity].rrn
        ]
        if not kept:
            self._sale(random.choice(self._members), 0)
            return
        old = random.choice(kept)
        fields = dict(old.fields)
        operation = Operation(old.mti, fields, old.card, is_fresh=False)
        if random.random() < 0.4:
            fields[4] = f"{int(str(fields[4])) + 1:012d}"
            operation.is_conflict = True
        self._ask(operation)

    def _financial(
        self,
        mti: str,
        processing_code: str,
        amount: int,
        member: Member,
        tags: dict[str, Value] | None = None,
    ) -> Operation:
        fields: Fields = {
            2: member.card.number,
            3: processing_code,
            12: "120000",
            13: "0101",
            22: EntryMode.KEYED.value,
            42: self.lane.merchant_id,
            49: IRR,
        }
        if amount:
            fields[4] = f"{amount:012d}"
        if tags:
            fields[48] = tags
        return Operation(mti, fields, member.card.number)


class Club:
    """Thinks of operations for the host: corrections and transfers."""

    def __init__(self, lane: Lane, members: list[Member], merchant_id: str, random: Random) -> None:
        self.lane = lane
        self._members = members
        self._merchant_id = merchant_id
        self._random = random

    def visit(self) -> bool:
        """Correct a balance, or move points from one member to another."""
        if not self.lane.is_settled:
            return False
        random = self._random
        member = random.choice(self._members)
        purse = random.choice((POINTS, CREDIT))
        amount = random.randint(1, 2_000)
        choice = random.randrange(3)
        if choice == 0:
            self.lane.request(self.gift(member, purse, amount))
        elif choice == 1:
            tags = {Tag.REASON: "correction"}
            self.lane.request(self._movement(debit_adjustment_of(purse), member, amount, tags))
        else:
            tags = {Tag.OTHER_MEMBER: f"{random.choice(self._members).number:012d}"}
            self.lane.request(self._movement(transfer_of(purse), member, amount, tags))
        return True

    def gift(self, member: Member, purse: int, amount: int) -> Operation:
        """Give to a member."""
        return self._movement(credit_adjustment_of(purse), member, amount, {Tag.REASON: "correction"})

    def _movement(self, code: str, member: Member, amount: int, more: dict[Tag, str]) -> Operation:
        tags: dict[str, Value] = {Tag.MEMBER_NUMBER.value: f"{member.number:012d}"}
        tags.update({tag.value: text for tag, text in more.items()})
        fields: Fields = {
            3: code,
            4: f"{amount:012d}",
            12: "120000",
            13: "0101",
            22: EntryMode.KEYED.value,
            42: self._merchant_id,
            48: tags,
            49: IRR,
        }
        return Operation("0200", fields, str(member.number))
