"""Issuing vouchers to members, and redeeming them at counters, whole or in parts."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.jalali import Calendar, format_date
from host_api.core.listing import Page, read_rows
from host_api.core.money import format_amount
from host_api.core.tehran_time import tehran_date
from host_api.services.discount_codes.code_text import as_kept, is_sound, new_code
from host_api.services.members import logic as members
from host_api.services.messages.logic import tell_member
from host_api.services.shop.catalogue.logic import VOUCHER_DAYS
from host_api.services.shop.catalogue.models import ShopItem
from host_api.services.shop.events import VOUCHER_REDEEMED, VoucherRedeemed
from host_api.services.shop.order.models import ShopOrderLine
from host_api.services.shop.vouchers.listing import OwnVoucherQuery, RedemptionQuery, VoucherQuery
from host_api.services.shop.vouchers.models import ShopVoucher, VoucherRedemption
from host_api.services.shop.vouchers.problems import (
    ReferenceOfAnother,
    TooLittleLeft,
    VoucherNotFound,
    VoucherOver,
)
from host_api.services.shop.vouchers.schemas import (
    OwnShopVoucherRead,
    ShopVoucherRead,
    ShopVoucherState,
    VoucherRedemptionCreate,
    VoucherRedemptionRead,
)


async def issue(session: WriteSession, line: ShopOrderLine, item: ShopItem) -> None:
    """Give a member the vouchers of a line that was paid, and text their codes."""
    now = utc_now()
    vouchers = [
        ShopVoucher(
            line_id=line.id,
            item_id=item.id,
            member_id=line.member_id,
            code=new_code(),
            value=item.voucher_value or 0,
            remaining=item.voucher_value or 0,
            valid_until=now + timedelta(days=item.voucher_days or VOUCHER_DAYS),
            issued_at=now,
        )
        for _ in range(line.quantity)
    ]
    session.add_all(vouchers)
    await session.flush()
    for voucher in vouchers:
        await _tell(session, voucher, item)


async def redeem(
    session: WriteSession, wanted: VoucherRedemptionCreate, caller: Caller
) -> VoucherRedemptionRead:
    """Take so much of a voucher; once for each reference.

    Raises:
        VoucherNotFound, VoucherOver, TooLittleLeft, ReferenceOfAnother
    """
    voucher = await _by_code(session, wanted.code)
    known = await _known(session, voucher.id, wanted)
    if known is not None:
        return known
    now = utc_now()
    if voucher.withdrawn_at is not None or voucher.valid_until <= now:
        raise VoucherOver
    try:
        async with session.begin_nested():
            return await _take(session, voucher, wanted, caller, now)
    except IntegrityError:
        # The same counter asked for the same at the same moment.
        known = await _known(session, voucher.id, wanted)
        if known is None:
            raise
        return known


async def look_up(session: AnySession, typed: str) -> ShopVoucherRead:
    """A voucher by the code that a member shows.

    Raises:
        VoucherNotFound
    """
    return ShopVoucherRead(**_columns(await _by_code(session, typed)))


async def withdraw(session: WriteSession, voucher_id: int) -> ShopVoucherRead:
    """Make a voucher useless, whatever is left of it.

    Raises:
        VoucherNotFound, VoucherOver
    """
    voucher = await session.get(ShopVoucher, voucher_id, with_for_update=True)
    if voucher is None:
        raise VoucherNotFound
    if _state(voucher) is not ShopVoucherState.ACTIVE:
        raise VoucherOver
    voucher.withdrawn_at = utc_now()
    await session.flush()
    return ShopVoucherRead(**_columns(voucher))


async def withdraw_unused(session: WriteSession, line_id: int, quantity: int) -> bool:
    """Make so many vouchers of a line useless of which nothing was taken; whether there were so many."""
    rows = await session.scalars(
        select(ShopVoucher)
        .where(
            ShopVoucher.line_id == line_id,
            ShopVoucher.remaining == ShopVoucher.value,
            ShopVoucher.withdrawn_at.is_(None),
        )
        .order_by(ShopVoucher.id)
        .limit(quantity)
        .with_for_update()
    )
    vouchers = list(rows)
    if len(vouchers) < quantity:
        return False
    for voucher in vouchers:
        voucher.withdrawn_at = utc_now()
    await session.flush()
    return True


async def read_page(session: ReadSession, query: VoucherQuery) -> Page[ShopVoucherRead]:
    """A page of vouchers, without their codes."""
    rows, next_cursor = await read_rows(session, select(ShopVoucher), query)
    return Page(items=[ShopVoucherRead(**_columns(row)) for row in rows], next_cursor=next_cursor)


async def read_own(session: ReadSession, member_id: int, query: OwnVoucherQuery) -> Page[OwnShopVoucherRead]:
    """A page of a member's vouchers, as their owner sees them.

    Raises:
        members.MemberNotFound
    """
    await members.read(session, member_id)
    rows, next_cursor = await read_rows(
        session, select(ShopVoucher).where(ShopVoucher.member_id == member_id), query
    )
    return Page(
        items=[OwnShopVoucherRead(**_columns(row), code=row.code) for row in rows], next_cursor=next_cursor
    )


async def read_redemptions(session: ReadSession, query: RedemptionQuery) -> Page[VoucherRedemptionRead]:
    """A page of redemptions."""
    rows, next_cursor = await read_rows(session, select(VoucherRedemption), query)
    return Page(items=[VoucherRedemptionRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def _take(
    session: WriteSession,
    voucher: ShopVoucher,
    wanted: VoucherRedemptionCreate,
    caller: Caller,
    now: datetime,
) -> VoucherRedemptionRead:
    """Raises: TooLittleLeft, VoucherOver."""
    # In one statement, so that no two counters take the same rial.
    remaining = await session.scalar(
        update(ShopVoucher)
        .where(
            ShopVoucher.id == voucher.id,
            ShopVoucher.remaining >= wanted.amount,
            ShopVoucher.withdrawn_at.is_(None),
        )
        .values(remaining=ShopVoucher.remaining - wanted.amount)
        .returning(ShopVoucher.remaining)
        .execution_options(synchronize_session=False)
    )
    if remaining is None:
        await session.refresh(voucher)
        raise VoucherOver if voucher.withdrawn_at is not None else TooLittleLeft
    row = VoucherRedemption(
        voucher_id=voucher.id,
        reference=wanted.reference,
        merchant_id=wanted.merchant_id,
        amount=wanted.amount,
        remaining=remaining,
        redeemed_by=caller.name,
        redeemed_at=now,
    )
    session.add(row)
    await session.flush()
    redeemed = VoucherRedeemed(
        voucher_id=voucher.id, member_id=voucher.member_id, amount=wanted.amount, remaining=remaining
    )
    emit(session, VOUCHER_REDEEMED, Subject("shop_voucher", voucher.id), redeemed)
    await session.flush()
    return VoucherRedemptionRead.model_validate(row)


async def _known(
    session: AnySession, voucher_id: int, wanted: VoucherRedemptionCreate
) -> VoucherRedemptionRead | None:
    row = await session.scalar(
        select(VoucherRedemption).where(
            VoucherRedemption.voucher_id == voucher_id, VoucherRedemption.reference == wanted.reference
        )
    )
    if row is None:
        return None
    if row.amount != wanted.amount:
        raise ReferenceOfAnother
    return VoucherRedemptionRead.model_validate(row)


async def _by_code(session: AnySession, typed: str) -> ShopVoucher:
    code = as_kept(typed)
    found = None
    if is_sound(code):
        found = await session.scalar(select(ShopVoucher).where(ShopVoucher.code == code))
    if found is None:
        raise VoucherNotFound
    return found


def _state(voucher: ShopVoucher) -> ShopVoucherState:
    if voucher.withdrawn_at is not None:
        return ShopVoucherState.WITHDRAWN
    if voucher.remaining == 0:
        return ShopVoucherState.USED
    return ShopVoucherState.EXPIRED if voucher.valid_until <= utc_now() else ShopVoucherState.ACTIVE


def _columns(voucher: ShopVoucher) -> dict[str, object]:
    names = ShopVoucherRead.model_fields.keys() - {"state"}
    return {name: getattr(voucher, name) for name in names} | {"state": _state(voucher)}


async def _tell(session: WriteSession, voucher: ShopVoucher, item: ShopItem) -> None:
    day = tehran_date(voucher.valid_until)
    worth_fa, worth_en = format_amount(voucher.value, "fa"), format_amount(voucher.value, "en")
    fa_day, en_day = format_date(day, Calendar.JALALI, "fa"), format_date(day, Calendar.GREGORIAN)
    await tell_member(
        session,
        voucher.member_id,
        topic="shop-voucher",
        reference=str(voucher.id),
        text_fa=f"{item.title_fa}: {worth_fa}\nکد: {voucher.code}\nتا {fa_day}",
        text_en=f"{item.title}: {worth_en}\nCode: {voucher.code}\nUntil {en_day}",
    )
