"""All that the switch knows, as a fold of the journal."""

import hashlib

from protocol.dialect import FileName, FileUpdateCode, ResponseCode, Tag
from switch.journal.entries import (
    Entry,
    FileActionEntry,
    RuleTableEntry,
    TransactionEntry,
)
from switch.journal.format import RawEntry
from switch.ledger.accounts import Accounts
from switch.ledger.records import (
    CardRecord,
    MemberRecord,
    TerminalRecord,
    card_record,
    member_record,
    subject_number,
    terminal_key,
    terminal_record,
)
from switch.ledger.requests import Remembered, RequestWindow, request_key
from switch.rules.table import EMPTY_TABLE, RuleTable

# Response codes with which a file action has changed something.
FILE_CHANGED = (ResponseCode.APPROVED, ResponseCode.RECORD_REPLACED)


class State:
    """Ledger, records and remembered requests. `apply` is the only thing that changes them.

    `host` is the host link that may act before any record exists; a TERMINAL record of its id replaces it.
    """

    def __init__(self, host: TerminalRecord) -> None:
        self._host = host
        self.position = 0
        self.accounts = Accounts()
        self.cards: dict[bytes, CardRecord] = {}
        self.cards_of_member: dict[int, int] = {}
        self.members: dict[int, MemberRecord] = {}
        self.terminals: dict[str, TerminalRecord] = {}
        self.merchants: list[str] = []
        self.merchant_ordinals: dict[str, int] = {}
        self.windows: dict[str, RequestWindow] = {}
        self.rule_table: RuleTable = EMPTY_TABLE
        self.rule_table_version = 0

    def terminal(self, terminal_id: str) -> TerminalRecord | None:
        """Record of a terminal or host, if it may be known at all."""
        record = self.terminals.get(terminal_id)
        if record is None and terminal_id == self._host.terminal_id:
            return self._host
        return record

    def window(self, terminal_id: str) -> RequestWindow | None:
        """Remembered requests of a terminal, if it ever had one journaled."""
        return self.windows.get(terminal_id)

    def apply(self, raw: RawEntry, entry: Entry) -> None:
        """Take over the outcome of a journal entry; the same on the live path and in replay.

        `entry` is what `raw` holds. Raises ValueError where positions don't follow each other.
        """
        if raw.position != self.position + 1:
            raise ValueError(f"entry {raw.position} can't follow {self.position}")
        self.position = raw.position
        if isinstance(entry, TransactionEntry):
            self._apply_transaction(raw, entry)
        elif isinstance(entry, FileActionEntry):
            self._apply_file_action(raw, entry)
        else:
            self._apply_rule_table(entry)

    def digest(self) -> str:
        """SHA-256 over the whole state, in hexadecimal; equal journals give equal digests."""
        found = hashlib.sha256()
        found.update(b"%d:%d:" % (self.position, self.rule_table_version))
        found.update(self.rule_table.packed)
        found.update(self.accounts.digest())
        for part in (self.cards, self.members, self.terminals, self.merchant_ordinals):
            for key, value in sorted(part.items()):
                found.update(f"{key!r}={tuple(value) if isinstance(value, tuple) else value!r};".encode())
        for terminal_id, window in sorted(self.windows.items()):
            found.update(terminal_id.encode("ascii") + b":" + window.digest())
        return found.hexdigest()

    def _apply_transaction(self, raw: RawEntry, entry: TransactionEntry) -> None:
        self.accounts.post(entry.transfers)
        window = self._remember(raw, entry)
        if entry.mti == "0400" and entry.response_code == ResponseCode.APPROVED:
            window.undo(request_key(entry.original_s, entry.original_stan), raw.position)

    def _apply_file_action(self, raw: RawEntry, entry: FileActionEntry) -> None:
        self._remember(raw, entry)
        if entry.response_code not in FILE_CHANGED:
            return
        tags = dict(entry.record)
        deleted = entry.action == FileUpdateCode.DELETE
        if entry.file_name == FileName.CARD:
            self._set_card(entry.card_token, None if deleted else card_record(tags))
        elif entry.file_name == FileName.MEMBER:
            if deleted:
                del self.members[subject_number(tags, Tag.MEMBER_NUMBER)]
            else:
                member = member_record(tags)
                self.members[member.number] = member
        elif deleted:
            # The window stays: requests of a deleted terminal must not count again when it comes back.
            del self.terminals[terminal_key(tags)]
        else:
            terminal = terminal_record(tags)
            self.terminals[terminal.terminal_id] = terminal
            if terminal.merchant_id and terminal.merchant_id not in self.merchant_ordinals:
                self.merchants.append(terminal.merchant_id)
                self.merchant_ordinals[terminal.merchant_id] = len(self.merchants)

    def _set_card(self, token: bytes, card: CardRecord | None) -> None:
        previous = self.cards.pop(token, None)
        if previous is not None:
            self.cards_of_member[previous.member_number] -= 1
        if card is not None:
            self.cards[token] = card
            self.cards_of_member[card.member_number] = self.cards_of_member.get(card.member_number, 0) + 1

    def _apply_rule_table(self, entry: RuleTableEntry) -> None:
        if entry.version != self.rule_table_version + 1:
            raise ValueError(f"rule table {entry.version} can't follow {self.rule_table_version}")
        self.rule_table = RuleTable.unpack(entry.table)
        self.rule_table_version = entry.version

    def _remember(self, raw: RawEntry, entry: TransactionEntry | FileActionEntry) -> RequestWindow:
        window = self.windows.get(entry.terminal_id)
        if window is None:
            window = self.windows[entry.terminal_id] = RequestWindow()
        window.remember(
            request_key(entry.transmitted_s, entry.stan),
            Remembered(raw.position, raw.kind, raw.version, raw.body),
        )
        return window
