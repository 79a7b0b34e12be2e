"""Accounting vouchers: balanced entries, in rials, about batches and the bank's answers to them."""

import csv
import io
from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.jalali import date_to_jalali
from host_api.core.listing import Page, read_rows
from host_api.core.tehran_time import tehran_date
from host_api.services.cash_outs.listing import CashOutVoucherQuery
from host_api.services.cash_outs.models import CashOutBatch, CashOutVoucher
from host_api.services.cash_outs.problems import CashOutVoucherNotFound
from host_api.services.cash_outs.schemas import (
    CashOutAccounts,
    CashOutVoucherRead,
    VoucherKind,
    VoucherLine,
)

_TITLES: Final = {
    "liability": ("Liability for points", "بدهی امتیاز به اعضا"),
    "payable": ("Payable to members", "پرداختنی به اعضا"),
    "fee_income": ("Fee income", "درآمد کارمزد"),
    "bank": ("Bank", "بانک"),
}
_CSV_HEADERS: Final = (
    "voucher",
    "date",
    "jalali_date",
    "batch",
    "kind",
    "account",
    "title",
    "debit",
    "credit",
)


class Sums(NamedTuple):
    """Sums of requests, in rials."""

    gross: int = 0
    fee: int = 0
    net: int = 0


async def write_for_batch(session: WriteSession, batch: CashOutBatch) -> CashOutVoucher:
    """The club owes money instead of points, and has earned its fee."""
    return await _write(
        session,
        batch,
        VoucherKind.BATCH,
        [
            ("liability", batch.gross_rials, 0),
            ("payable", 0, batch.net_rials),
            ("fee_income", 0, batch.fee_rials),
        ],
    )


async def write_for_answer(
    session: WriteSession, batch: CashOutBatch, *, paid: Sums, failed: Sums
) -> CashOutVoucher:
    """The bank has paid; of what it could not pay the entry of the batch is taken back."""
    return await _write(
        session,
        batch,
        VoucherKind.ANSWER,
        [
            ("payable", paid.net, 0),
            ("bank", 0, paid.net),
            ("payable", failed.net, 0),
            ("fee_income", failed.fee, 0),
            ("liability", 0, failed.gross),
        ],
    )


async def read(session: AnySession, voucher_id: int) -> CashOutVoucherRead:
    """One voucher.

    Raises:
        CashOutVoucherNotFound
    """
    row = await session.get(CashOutVoucher, voucher_id)
    if row is None:
        raise CashOutVoucherNotFound
    return _read(row)


async def read_page(session: ReadSession, query: CashOutVoucherQuery) -> Page[CashOutVoucherRead]:
    """A page of vouchers."""
    rows, next_cursor = await read_rows(session, select(CashOutVoucher), query)
    return Page(items=[_read(row) for row in rows], next_cursor=next_cursor)


def as_csv(voucher: CashOutVoucherRead) -> bytes:
    """A voucher as accounting programs read it: RFC 4180, UTF-8 with a byte order mark."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_CSV_HEADERS)
    year, month, day = date_to_jalali(voucher.day)
    for line in voucher.lines:
        writer.writerow(
            (
                voucher.id,
                voucher.day.isoformat(),
                f"{year:04d}/{month:02d}/{day:02d}",
                voucher.batch_id,
                voucher.kind.value,
                line.account,
                line.title_fa,
                line.debit,
                line.credit,
            )
        )
    return b"\xef\xbb\xbf" + out.getvalue().encode()


async def _write(
    session: WriteSession,
    batch: CashOutBatch,
    kind: VoucherKind,
    entries: Sequence[tuple[str, int, int]],
) -> CashOutVoucher:
    accounts = CashOutAccounts.model_validate(batch.accounts).model_dump()
    lines = [
        VoucherLine(
            account=accounts[name],
            title=_TITLES[name][0],
            title_fa=_TITLES[name][1],
            debit=debited,
            credit=credited,
        )
        for name, debited, credited in entries
        if debited or credited
    ]
    if sum(line.debit for line in lines) != sum(line.credit for line in lines):
        raise ArithmeticError("a voucher's debits and credits must be equal")
    now = utc_now()
    row = CashOutVoucher(
        batch_id=batch.id,
        kind=kind.value,
        day=tehran_date(now),
        made_at=now,
        lines=[line.model_dump() for line in lines],
    )
    session.add(row)
    await session.flush()
    return row


def _read(row: CashOutVoucher) -> CashOutVoucherRead:
    lines = [VoucherLine.model_validate(line) for line in row.lines]
    return CashOutVoucherRead(
        id=row.id,
        batch_id=row.batch_id,
        kind=VoucherKind(row.kind),
        day=row.day,
        made_at=row.made_at,
        total_rials=sum(line.debit for line in lines),
        lines=lines,
    )
