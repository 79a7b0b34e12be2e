"""What the rules gave and why, and what that moved: grants, transfers, lots, counters, records."""

from collections.abc import Iterable
from typing import Final

from protocol.dialect import FileUpdateCode, ResponseCode, Tag, TransactionType
from protocol.spec import SpecDocument
from switch.console.story.titles import WHY, Words, words
from switch.journal.entries import (
    NO_GRANT,
    NO_TRANSFER,
    FileActionEntry,
    GrantRecord,
    LotMove,
    MaintenanceEntry,
    RecordTags,
    TransactionEntry,
    Transfer,
    transfer_number,
    transfer_position,
)
from switch.ledger.accounts import account_purse
from switch.ledger.tables import TableInForce
from switch.operations.feed import Naming
from switch.rules.caps import CapPer
from switch.rules.outcome import CounterMove, EffectType
from switch.rules.table import TableRule

_INDEX_MASK: Final = 0xFF
_SUBJECT_SHIFT: Final = 56
_HIDDEN: Final = "****"
_REFUSING: Final = (EffectType.DENY, EffectType.REQUIRE_PIN)


def rules_of(entry: TransactionEntry, table: TableInForce | None, naming: Naming) -> dict[str, object]:
    """What each rule gave, or which rules say what the member was refused with.

    `table` is the one that decided, None where it is no longer known: then names and texts of rules are.
    A return or reversal has the grants of its sale, which its transfers name.
    """
    rules = {} if table is None else {rule.rule_id: rule for rule in table.table.rules}
    gives_back = entry.reverses > 0 or entry.processing_code.startswith(TransactionType.RETURN)
    return {
        "table_version": entry.rule_table_version,
        "is_table_known": table is not None,
        "digest": None if table is None else table.table.digest,
        "in_force_from_ms": None if table is None else table.at_ms,
        "are_of_the_sale": gives_back,
        "grants": [_grant(grant, rules.get(grant.rule_id), naming) for grant in entry.grants],
        "refused_by": _refusing(entry, rules.values()),
    }


def postings_of(
    position: int, entry: TransactionEntry | MaintenanceEntry, naming: Naming
) -> dict[str, object]:
    """Transfers with the lots that they moved, lots that changed without one, and counters."""
    grants = entry.grants if isinstance(entry, TransactionEntry) else ()
    moves = entry.counter_moves if isinstance(entry, TransactionEntry) else ()
    balances = entry.balances if isinstance(entry, TransactionEntry) else ()
    return {
        "transfers": [
            {
                **_transfer(position, index, transfer, grants, naming),
                "lots": _lots(entry.lot_moves, index, naming),
            }
            for index, transfer in enumerate(entry.transfers)
        ],
        "lots_besides": _lots(entry.lot_moves, NO_TRANSFER, naming),
        "counters": [_counter(move) for move in moves],
        "balances_after": [{"purse": naming.purse(purse), "amount": amount} for purse, amount in balances],
    }


def lines_of(entry: TransactionEntry) -> list[dict[str, object]]:
    """The basket, and what came back of its lines."""
    returned = dict(entry.line_returns)
    return [
        {
            "index": index,
            "sku": line.sku,
            "category": line.category,
            "labels": list(line.labels),
            "quantity": line.quantity,
            "amount": line.amount,
            "returned": returned.get(index, 0),
        }
        for index, line in enumerate(entry.lines)
    ]


def records_of(entry: TransactionEntry | FileActionEntry, spec: SpecDocument) -> list[dict[str, object]]:
    """Records that were set or deleted, with what the message spec masks hidden."""
    if isinstance(entry, FileActionEntry):
        return [_record(entry.file_name, entry.action == FileUpdateCode.DELETE, entry.record, spec)]
    return [_record(change.file_name, change.delete, change.record, spec) for change in entry.record_changes]


def _grant(grant: GrantRecord, rule: TableRule | None, naming: Naming) -> dict[str, object]:
    return {
        "rule": grant.rule_id,
        "rule_version": grant.version,
        "name": None if rule is None else words(Words(rule.name_en, rule.name_fa)),
        "member_text": None if rule is None else words(Words(rule.member_text_en, rule.member_text_fa)),
        "effect": grant.type.name.lower(),
        "effect_index": grant.effect_index,
        "purse": None if grant.type is EffectType.DISCOUNT else naming.purse(grant.purse),
        "beneficiary": naming.party(grant.party, grant.number),
        "basis": grant.basis,
        "lines": [index for index in range(grant.lines.bit_length()) if grant.lines >> index & 1],
        "desired": grant.desired,
        "granted": grant.granted,
        "reason": grant.reason.name.lower(),
        "why": words(WHY[grant.reason]),
        "available_from_s": grant.available_from_s,
        "expires_at_s": grant.expires_at_s,
        "reference": grant.reference,
        "on_return": grant.on_return.name.lower(),
    }


def _refusing(entry: TransactionEntry, rules: Iterable[TableRule]) -> list[dict[str, object]]:
    """Rules of the table that refuse with this code in these words; an entry doesn't name the one."""
    tags = dict(entry.reply_tags)
    texts = (tags.get(Tag.MEMBER_TEXT_FA), tags.get(Tag.MEMBER_TEXT_EN))
    if entry.response_code == ResponseCode.APPROVED or texts == (None, None):
        return []
    return [
        {"rule": rule.rule_id, "rule_version": rule.version, "name": words(Words(rule.name_en, rule.name_fa))}
        for rule in rules
        if any(
            effect.type in _REFUSING
            and effect.response_code == entry.response_code
            and (effect.text_fa, effect.text_en) == texts
            for effect in rule.effects
        )
    ]


def _transfer(
    position: int, index: int, transfer: Transfer, grants: tuple[GrantRecord, ...], naming: Naming
) -> dict[str, object]:
    return {
        "number": transfer_number(position, index),
        "index": index,
        "purse": naming.purse(transfer.purse),
        "debit": naming.account(transfer.debit),
        "credit": naming.account(transfer.credit),
        "amount": transfer.amount,
        "reason": transfer.reason.name.lower(),
        "stage": transfer.stage.name.lower(),
        "rule": None if transfer.grant == NO_GRANT else grants[transfer.grant].rule_id,
        "undoes": _place(transfer.undoes),
        "settles": _place(transfer.origin),
    }


def _place(number: int) -> dict[str, int] | None:
    """Where a transfer stands, by its number."""
    return {"position": transfer_position(number), "index": number & _INDEX_MASK} if number else None


def _lots(moves: Iterable[LotMove], transfer: int, naming: Naming) -> list[dict[str, object]]:
    return [
        {
            "account": naming.account(move.account),
            "purse": naming.purse(account_purse(move.account)),
            "available_from_s": move.available_from_s,
            "expires_at_s": move.expires_at_s,
            "delta": move.delta,
        }
        for move in moves
        if move.transfer == transfer
    ]


def _counter(move: CounterMove) -> dict[str, object]:
    per, number = CapPer(move.key.subject >> _SUBJECT_SHIFT), move.key.subject & (1 << _SUBJECT_SHIFT) - 1
    return {
        "counter": move.key.counter,
        "subject": per.name.lower() if per is CapPer.GLOBAL else f"{per.name.lower()}:{number}",
        "window": move.key.window,
        "delta": move.delta,
        "is_given_back": move.restore,
    }


def _record(file_name: str, deletes: bool, record: RecordTags, spec: SpecDocument) -> dict[str, object]:
    return {
        "file": file_name,
        "is_deleted": deletes,
        "tags": [_tag(tag, value, spec) for tag, value in record],
    }


def _tag(tag: str, value: str | bytes, spec: SpecDocument) -> dict[str, object]:
    known = spec.tags.get(tag)
    text = value.hex() if isinstance(value, bytes) else value
    is_masked = known is None or (known.mask is not None and tag != Tag.MEMBER_NUMBER)
    return {
        "tag": tag,
        "name": None if known is None else known.name,
        "title": None if known is None else known.title.model_dump(),
        "value": _HIDDEN if is_masked else text,
    }
