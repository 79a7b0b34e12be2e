"""Journal entries as lines for people, made of what the feed tells: neither card numbers nor names."""

from collections.abc import Sequence
from datetime import UTC, datetime

from protocol.dialect import FileUpdateCode
from protocol.feed import (
    CutOverEvent,
    Event,
    FileEvent,
    ForwardedEvent,
    MaintenanceEvent,
    OrderEvent,
    ReconciliationEvent,
    RuleTableEvent,
    TransactionEvent,
    TransferLine,
)

_DIGEST_DIGITS = 12
_BALANCE = {"1": "in balance", "2": "out of balance", "3": "error"}


def line_of(event: Event) -> str:
    """Position, time of the decision (UTC) and what happened, in one line."""
    at = datetime.fromtimestamp(event.at_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    line = f"{event.position}  {at}.{event.at_ms % 1000:03d}  {_told(event)}"
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in line
    )


def _told(event: Event) -> str:
    if isinstance(event, TransactionEvent):
        return _transaction(event)
    if isinstance(event, FileEvent):
        verb = "delete" if event.action == FileUpdateCode.DELETE.value else "set"
        return f"file {event.file}, {verb}: {event.response_code}"
    if isinstance(event, RuleTableEvent):
        return f"rule table {event.table_version}, digest {event.digest[:_DIGEST_DIGITS]}"
    if isinstance(event, MaintenanceEvent):
        parts = _movements(event.transfers)
        if event.released_holds:
            parts.append(f"holds ended: {', '.join(event.released_holds)}")
        return f"maintenance{_listed(parts)}"
    if isinstance(event, CutOverEvent):
        return f"business day {event.business_date}"
    if isinstance(event, ForwardedEvent):
        return _forwarded(event)
    if isinstance(event, OrderEvent):
        told = [f"{name} {text}" for name, text in event.arguments.items()]
        parts = [f"order {event.order} of {event.person} ({event.role}): {event.outcome}", *told]
        return ", ".join(parts + ([event.told] if event.told else []))
    return _reconciliation(event)


def _transaction(event: TransactionEvent) -> str:
    parts = [
        f"{event.mti} {event.processing_code} {event.terminal_id} {event.merchant_id}: {event.response_code}"
    ]
    if event.card_reference is not None:
        parts.append(f"card {event.card_reference}")
    if event.member_number is not None:
        parts.append(f"member {event.member_number}")
    if event.amount:
        parts.append(f"amount {event.amount} {event.currency}")
    if event.discount:
        parts.append(f"discount {event.discount}")
    if event.reverses:
        parts.append(f"reverses {event.reverses}")
    if event.concerns:
        parts.append(f"concerns {event.concerns}")
    parts += _movements(event.transfers)
    parts += [f"{purse} {balance} left" for purse, balance in event.balances.items()]
    return ", ".join(parts)


def _forwarded(event: ForwardedEvent) -> str:
    where = f"{event.mti} {event.processing_code} {event.terminal_id} {event.merchant_id}"
    parts = [f"{where}: {event.response_code}", f"{event.partner} {event.fate.replace('_', ' ')}"]
    if event.amount:
        parts.append(f"amount {event.amount} {event.currency}")
    if event.discount:
        parts.append(f"discount {event.discount}")
    if event.original_stan is not None:
        parts.append(f"reverses STAN {event.original_stan}")
    parts.append(f"there {event.partner_terminal_id} STAN {event.partner_stan}")
    return ", ".join(parts)


def _reconciliation(event: ReconciliationEvent) -> str:
    parts = [f"{event.mti} {event.terminal_id} {event.merchant_id}: {event.response_code}"]
    parts.append(f"business day {event.business_date}")
    if event.settlement_code is not None:
        parts.append(_BALANCE.get(event.settlement_code, event.settlement_code))
    if event.uploaded:
        parts.append(f"{event.uploaded} uploaded")
    if event.differences:
        parts.append(f"{event.differences} different")
    return ", ".join(parts)


def _movements(transfers: Sequence[TransferLine]) -> list[str]:
    return [
        f"{transfer.reason} {transfer.amount} {transfer.purse}"
        + ("" if transfer.stage == "posted" else f" ({transfer.stage.replace('_', ' ')})")
        for transfer in transfers
    ]


def _listed(parts: Sequence[str]) -> str:
    return f": {', '.join(parts)}" if parts else ""
