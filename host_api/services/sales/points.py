"""What a sale earns, by a terminal's transaction or one of the club's own, and how a return takes it back."""

from collections.abc import Sequence
from typing import Final

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.ledger import movements
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState as LedgerState
from host_api.services.sales.models import StoreSale
from host_api.services.sales.problems import SalePointsUndecided, SaleTransactionDiffers
from host_api.services.sales.schemas import SalePointsState
from host_api.services.terminals import logic as terminals
from host_api.services.terminals.logic import TerminalNotFound
from host_api.services.transaction_requests import logic as transaction_requests
from host_api.services.transaction_requests.basket import ReturnLine, basket_text
from host_api.services.transaction_requests.schemas import RequestReason, ReturnCreate
from host_api.services.transactions import logic as transactions
from host_api.services.transactions.logic import TransactionNotFound
from host_api.services.transactions.operation import SALES, Operation
from host_api.services.transactions.schemas import TransactionRead
from host_api.services.transactions.standing import Standing
from protocol.dialect import Tag

SERVICE: Final = "sales"

_CHANNEL: Final = "till"
_STATES: Final = {
    LedgerState.APPROVED: SalePointsState.EARNED,
    LedgerState.DECLINED: SalePointsState.REFUSED,
    LedgerState.REVERSED: SalePointsState.REFUSED,
    LedgerState.DOUBTFUL: SalePointsState.DOUBTFUL,
}
_UNDECIDED: Final = (SalePointsState.SENT, SalePointsState.DOUBTFUL)
_EARNED: Final = (SalePointsState.LINKED, SalePointsState.EARNED)


async def linked_member(
    session: AnySession, rrn: str, merchant_id: str, total: int, member_id: int | None
) -> int | None:
    """Whose a terminal's sale is; it is that of this merchant, amount and, where told, member.

    Raises:
        TransactionNotFound, SaleTransactionDiffers
    """
    found = await _of_terminal(session, rrn)
    is_same = (
        found.operation in SALES
        and found.standing is Standing.STANDS
        and found.merchant_id == merchant_id
        and found.amount == total
        and member_id in (None, found.member_id)
    )
    if not is_same:
        raise SaleTransactionDiffers
    return found.member_id


async def check_return(session: AnySession, rrn: str, sale: StoreSale, total: int) -> None:
    """See that a terminal's transaction is the return of so much of a sale.

    Raises:
        TransactionNotFound, SaleTransactionDiffers
    """
    found = await _of_terminal(session, rrn)
    is_same = (
        found.operation is Operation.RETURN
        and found.approved
        and found.standing is Standing.STANDS
        and found.concerns_rrn == sale.rrn
        and found.amount == total
    )
    if sale.rrn is None or not is_same:
        raise SaleTransactionDiffers


async def earn(  # noqa: PLR0917
    session: WriteSession,
    sale: StoreSale,
    merchant_id: str,
    branch_number: int,
    basket: Sequence[ReturnLine],
    caller: Caller,
) -> None:
    """Tell the switch of a sale that no terminal has told of; the sale and its member are on the database."""
    if sale.member_id is None:
        raise ValueError("only a member earns")
    movement = movements.sale(
        sale.member_id,
        sale.net + sale.tax,
        merchant_id=merchant_id,
        branch_number=branch_number,
        channel=_CHANNEL,
        basket=basket_text(list(basket)),
    )
    # The goods are out of the shop: however long the switch takes, they have earned.
    sale.request_id = await request_points(
        session,
        movement,
        service=SERVICE,
        reference=str(sale.id),
        asked_by=caller,
        reason=f"{sale.till} {sale.reference}",
    )
    sale.points_state, sale.has_basket = SalePointsState.SENT.value, bool(basket)
    await session.flush()


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Keep what the switch made of a sale."""
    sale = await session.get(StoreSale, int(outcome.reference), with_for_update=True)
    if sale is None:
        raise LookupError("a sale has gone")
    sale.points_state = _STATES[outcome.state].value
    sale.response_code = outcome.response_code
    if outcome.state is LedgerState.APPROVED:
        sale.rrn = outcome.rrn
        sale.points = int(outcome.told.get(Tag.POINTS_EARNED.value, "0"))
        sale.club_discount = int(outcome.told.get(Tag.DISCOUNT_AMOUNT.value, "0")) or None
    await session.flush()


async def take_back(  # noqa: PLR0917
    session: WriteSession,
    cipher: FieldCipher,
    sale: StoreSale,
    amount: int,
    basket: Sequence[ReturnLine],
    reason: str,
    caller: Caller,
    *,
    alone_limit: int,
) -> int | None:
    """Ask for the return of so much of a sale's transaction; the id of what was asked, None for nothing.

    Raises:
        SalePointsUndecided, and those of `transaction_requests.ask_return`
    """
    if sale.points_state in _UNDECIDED:
        raise SalePointsUndecided
    if sale.points_state not in _EARNED or sale.rrn is None or amount == 0:
        return None
    wanted = ReturnCreate(
        rrn=sale.rrn,
        amount=amount,
        lines=list(basket) if sale.has_basket else [],
        reason_code=RequestReason.GOODS_BACK,
        reason=reason,
    )
    try:
        asked = await transaction_requests.ask_return(session, cipher, wanted, caller, alone_limit)
    except TransactionNotFound:
        raise SalePointsUndecided from None
    return asked.id


async def _of_terminal(session: AnySession, rrn: str) -> TransactionRead:
    """A transaction that a terminal has sent, and not the club itself."""
    found = await transactions.read(session, rrn)
    try:
        await terminals.find(session, found.terminal_id)
    except TerminalNotFound:
        raise SaleTransactionDiffers from None
    return found
