"""What a transfer is to members and shops: an earning, a spending, a load, or something of these undone."""

from typing import NamedTuple

from switch.journal.entries import NO_GRANT, GrantRecord, Reason, Transfer
from switch.ledger.accounts import AccountKind, ProgrammeAccount, account_number, account_parts, has_lots
from switch.rules.outcome import EffectType
from switch.settlement.figures import Cause, Flow

# Reasons of transfers that undo others; what they undo only the grants tell.
UNDOING = (Reason.RETURN, Reason.REVERSE)

_FORWARD = {
    Reason.EARN: Flow.EARNED,
    Reason.SPEND: Flow.SPENT,
    Reason.COST: Flow.SPENT,
    Reason.LOAD: Flow.LOADED,
}
_CAUSES = {
    Flow.SPENT: Cause.SPENT,
    Flow.SPENT_BACK: Cause.SPENT_BACK,
    Flow.LOADED: Cause.LOADED,
    Flow.LOADED_BACK: Cause.LOADED_BACK,
}


class Meaning(NamedTuple):
    """In which column a transfer counts. `sign` is -1 where the reversal of a return takes back what the
    return undid."""

    flow: Flow
    sign: int = 1


def meaning_of(transfer: Transfer, grants: tuple[GrantRecord, ...]) -> Meaning | None:
    """None for corrections, conversions, expiry and gifts among members. `grants` are those of its entry."""
    forward = _FORWARD.get(transfer.reason)
    if forward is not None:
        return Meaning(forward)
    if transfer.reason not in UNDOING:
        return None
    party, number, _ = account_parts(transfer.debit if has_lots(transfer.credit) else transfer.credit)
    if transfer.grant == NO_GRANT:
        return Meaning(Flow.LOADED_BACK) if party is AccountKind.MERCHANT else None
    if party is AccountKind.PROGRAMME and number != ProgrammeAccount.LIABILITY:
        return None
    grant = grants[transfer.grant]
    if grant.type in (EffectType.TENDER, EffectType.COST):
        return Meaning(Flow.SPENT_BACK, 1 if has_lots(transfer.credit) else -1)
    return Meaning(Flow.EARNED_BACK, -1 if _gains(transfer, grant) else 1)


def cause_of(meaning: Meaning, *, is_credited: bool) -> Cause:
    """The same as a settled party sees it whose account moved: an earning is its own, or it paid for it."""
    if meaning.flow is Flow.EARNED:
        return Cause.EARNED if is_credited else Cause.FUNDED
    if meaning.flow is Flow.EARNED_BACK:
        return Cause.FUNDED_BACK if is_credited == (meaning.sign > 0) else Cause.EARNED_BACK
    return _CAUSES[meaning.flow]


def _gains(transfer: Transfer, grant: GrantRecord) -> bool:
    """Whether who earned gets it, rather than loses it."""
    if has_lots(transfer.credit) or has_lots(transfer.debit):
        return has_lots(transfer.credit)
    return transfer.credit == account_number(grant.party, grant.number, transfer.purse)
