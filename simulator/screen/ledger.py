"""Lines of the journal as the page shows them: what was decided, what moved, and which rule gave it."""

from protocol.feed import (
    Event,
    ForwardedEvent,
    GrantLine,
    ReconciliationEvent,
    TransactionEvent,
    TransferLine,
)

Document = dict[str, object]


def terminal_of(event: Event) -> str | None:
    """The terminal that a journal entry is about; None for one that is about none."""
    if isinstance(event, TransactionEvent | ForwardedEvent | ReconciliationEvent):
        return event.terminal_id
    return None


def entry_document(event: Event) -> Document:
    """One entry; accounts and purses by name, neither card numbers nor names of people."""
    document: Document = {"position": event.position, "at_ms": event.at_ms, "kind": event.kind}
    if isinstance(event, TransactionEvent | ForwardedEvent):
        document |= {
            "mti": event.mti,
            "processing_code": event.processing_code,
            "stan": event.stan,
            "amount": event.amount,
            "tendered": event.tendered,
            "response_code": event.response_code,
        }
    if isinstance(event, TransactionEvent):
        document |= {
            "rrn": event.rrn,
            "member": event.member_number,
            "card": event.card_reference,
            "rules": event.rule_table_version,
            "reverses": event.reverses,
            "transfers": [_transfer(transfer) for transfer in event.transfers],
            "grants": [_grant(grant) for grant in event.grants],
            "balances": event.balances,
        }
    if isinstance(event, ReconciliationEvent):
        document |= {
            "mti": event.mti,
            "response_code": event.response_code,
            "business_date": event.business_date,
        }
    return document


def _transfer(transfer: TransferLine) -> Document:
    return {
        "purse": transfer.purse,
        "debit": transfer.debit,
        "credit": transfer.credit,
        "amount": transfer.amount,
        "reason": transfer.reason,
        "stage": transfer.stage,
        "rule": transfer.rule,
    }


def _grant(grant: GrantLine) -> Document:
    return {
        "rule": grant.rule,
        "type": grant.type,
        "purse": grant.purse,
        "granted": grant.granted,
        "reason": grant.reason,
    }
