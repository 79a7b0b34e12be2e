"""Who and what there is: cards, members, terminals and merchants, as records set them."""

from collections.abc import Iterator

from protocol.dialect import FileName, Tag
from switch.journal.entries import RecordTags
from switch.ledger.orders import Orders
from switch.ledger.records import (
    CardRecord,
    MemberRecord,
    Status,
    TerminalRecord,
    card_record,
    member_record,
    subject_number,
    terminal_key,
    terminal_record,
)
from switch.ledger.stores import Engine, Stores, empty_stores, in_order

UPLINE_LEVELS_MAX = 10


class Directory:
    """Records by their keys. `apply` is the only thing that changes them.

    `cards_of_member` counts the cards of each member that has any. Merchants come up with their first
    terminal and are only ever appended. `member_number_max` is the greatest number that any member ever had,
    `terminal_changes` how often a terminal's record was set or deleted. `orders` are operators' over the
    records.
    """

    def __init__(self, stores: Stores | None = None) -> None:
        """Keeps cards and members in `stores`, by default in plain ones of its own."""
        stores = empty_stores(Engine.PYTHON) if stores is None else stores
        self.cards = stores.cards
        self.cards_of_member = stores.cards_of_member
        self.members = stores.members
        self.terminals: dict[str, TerminalRecord] = {}
        self.merchants: list[str] = []
        self.merchant_ordinals: dict[str, int] = {}
        self.member_number_max = 0
        self.terminal_changes = 0
        self.orders = Orders()

    def apply(self, file_name: str, deletes: bool, card_token: bytes, record: RecordTags) -> None:
        """Set or delete a record. Raises RecordFault for impossible ones, KeyError for one to delete that
        isn't there."""
        tags = dict(record)
        if file_name == FileName.CARD:
            self._set_card(card_token, None if deletes else card_record(tags))
        elif file_name == FileName.MEMBER:
            if deletes:
                del self.members[subject_number(tags, Tag.MEMBER_NUMBER)]
            else:
                member = member_record(tags)
                self.members[member.number] = member
                self.member_number_max = max(self.member_number_max, member.number)
        elif deletes:
            # The window stays: requests of a deleted terminal must not count again when it comes back.
            del self.terminals[terminal_key(tags)]
            self.terminal_changes += 1
        else:
            terminal = self.orders.over_terminal(terminal_record(tags))
            self.terminals[terminal.terminal_id] = terminal
            self.terminal_changes += 1
            if terminal.merchant_id and terminal.merchant_id not in self.merchant_ordinals:
                self.merchants.append(terminal.merchant_id)
                self.merchant_ordinals[terminal.merchant_id] = len(self.merchants)

    def close_terminal(self, terminal_id: str) -> None:
        """Serve a terminal no more until it is opened. Raises KeyError for one that isn't there."""
        record = self.terminals[terminal_id]
        if terminal_id not in self.orders.closed_terminals:
            self.orders.closed_terminals[terminal_id] = record.status
            self._put_terminal(record._replace(status=Status.BLOCKED))

    def open_terminal(self, terminal_id: str) -> None:
        """Let what the host wants hold again. Raises KeyError for one that isn't closed."""
        status = self.orders.closed_terminals.pop(terminal_id)
        record = self.terminals.get(terminal_id)
        if record is not None:
            self._put_terminal(record._replace(status=status))

    def raise_key_generation(self, terminal_id: str, generation: int) -> None:
        """Take only this or a later generation of a terminal's key. Raises KeyError for an unknown one."""
        record = self.terminals[terminal_id]
        self.orders.key_generations[terminal_id] = generation
        self._put_terminal(record._replace(key_generation=max(record.key_generation, generation)))

    def block_card(self, token: bytes) -> None:
        """Refuse a card, also one whose record is yet to come, until it is unblocked."""
        if token in self.orders.blocked_cards:
            return
        card = self.cards.get(token)
        self.orders.blocked_cards[token] = Status.ACTIVE if card is None else card.status
        if card is not None:
            self.cards[token] = card._replace(status=Status.BLOCKED)

    def unblock_card(self, token: bytes) -> None:
        """Let what the host wants hold again. Raises KeyError for a card that isn't blocked by order."""
        status = self.orders.blocked_cards.pop(token)
        card = self.cards.get(token)
        if card is not None:
            self.cards[token] = card._replace(status=status)

    def uplines(self, member_number: int, today: int, depth: int = UPLINE_LEVELS_MAX) -> tuple[int, ...]:
        """Introducers of a member, nearest first, at most `depth`.

        The branch ends where an introduction has run out before `today` (YYYYMMDD), at somebody who is no
        member any more, and before anybody would come up twice.
        """
        found: list[int] = []
        member = self.members.get(member_number)
        while member is not None and member.introducer and len(found) < depth:
            number = member.introducer
            if 0 < member.introduced_until < today or number == member_number or number in found:
                break
            member = self.members.get(number)
            if member is not None:
                found.append(number)
        return tuple(found)

    def digest_parts(self) -> Iterator[bytes]:
        """All records in a fixed order and form, for hashing."""
        yield b"%d;" % self.member_number_max
        for part in (
            in_order(self.cards),
            in_order(self.members),
            in_order(self.terminals),
            in_order(self.merchant_ordinals),
        ):
            for key, value in part:
                yield f"{key!r}={_told(value)};".encode()
        yield from self.orders.digest_parts()

    def _put_terminal(self, record: TerminalRecord) -> None:
        self.terminals[record.terminal_id] = record
        self.terminal_changes += 1

    def _set_card(self, token: bytes, card: CardRecord | None) -> None:
        previous = self.cards.pop(token, None)
        if previous is not None and previous.member_number:
            left = self.cards_of_member[previous.member_number] - 1
            if left:
                self.cards_of_member[previous.member_number] = left
            else:
                del self.cards_of_member[previous.member_number]
        if card is not None:
            self.cards[token] = self.orders.over_card(token, card)
            if card.member_number:
                self.cards_of_member[card.member_number] = self.cards_of_member.get(card.member_number, 0) + 1


def _told(value: object) -> str:
    """A record in a fixed form; a member without texts as in states that had none."""
    if isinstance(value, MemberRecord) and not (value.text_fa or value.text_en):
        return repr(tuple(value)[:-2])
    return repr(tuple(value) if isinstance(value, tuple) else value)
