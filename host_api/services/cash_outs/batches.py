"""Batches: what is ready is handed to the bank once, and the bank's answer is taken in once."""

from collections.abc import Sequence

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.emission import Subject, emit
from host_api.core.isolation import programme_of
from host_api.core.listing import Page, read_rows
from host_api.core.policy_versions import in_force
from host_api.core.programmes import Programme
from host_api.core.tehran_time import tehran_date
from host_api.services.cash_outs import logic, vouchers
from host_api.services.cash_outs.bank_answer import AnsweredLine, Fault, read_answer
from host_api.services.cash_outs.bank_file import ERASED_SHEBA, BankFile, Payment
from host_api.services.cash_outs.events import CASH_OUT_PAID
from host_api.services.cash_outs.listing import CashOutBatchQuery
from host_api.services.cash_outs.models import SHEBA, CashOut, CashOutBatch, CashOutPolicy
from host_api.services.cash_outs.problems import (
    BankAnswerUnreadable,
    CashOutBatchNotFound,
    NothingToPay,
)
from host_api.services.cash_outs.schemas import (
    BankAnswerRead,
    CashOutBatchRead,
    CashOutState,
    ReturnedFor,
)


async def make(session: WriteSession, caller: Caller, most_lines: int) -> CashOutBatchRead:
    """Put the oldest requests that are ready into a batch, with its voucher: all in one transaction.

    Raises:
        NothingToPay
    """
    rows = list(
        await session.scalars(
            select(CashOut)
            .where(CashOut.state == CashOutState.READY.value)
            .order_by(CashOut.id)
            .limit(most_lines)
            .with_for_update(skip_locked=True)  # another batch has those
        )
    )
    if not rows:
        raise NothingToPay
    policy = await in_force(session, CashOutPolicy, utc_now())
    batch = CashOutBatch(
        made_at=utc_now(),
        made_by=caller.name,
        line_count=len(rows),
        gross_rials=sum(row.gross_rials for row in rows),
        fee_rials=sum(row.fee_rials for row in rows),
        net_rials=sum(row.net_rials for row in rows),
        paid_count=0,
        failed_count=0,
        accounts=dict(policy.accounts),
    )
    session.add(batch)
    await session.flush()
    for line, row in enumerate(rows, 1):
        row.state, row.batch_id, row.line = CashOutState.IN_BATCH.value, batch.id, line
    await session.flush()
    await vouchers.write_for_batch(session, batch)
    return _read(batch)


async def read(session: AnySession, batch_id: int) -> CashOutBatchRead:
    """One batch.

    Raises:
        CashOutBatchNotFound
    """
    return _read(await _find(session, batch_id))


async def read_page(session: ReadSession, query: CashOutBatchQuery) -> Page[CashOutBatchRead]:
    """A page of batches."""
    rows, next_cursor = await read_rows(session, select(CashOutBatch), query)
    return Page(items=[_read(row) for row in rows], next_cursor=next_cursor)


async def bank_file(session: ReadSession, cipher: FieldCipher, batch_id: int) -> BankFile:
    """What the bank is to pay.

    Raises:
        CashOutBatchNotFound
    """
    batch = await _find(session, batch_id)
    programme = await session.get_one(Programme, programme_of(session.sync_session))
    rows = await session.scalars(select(CashOut).where(CashOut.batch_id == batch.id).order_by(CashOut.line))
    return BankFile(
        programme.code,
        batch.id,
        tehran_date(batch.made_at),
        [
            Payment(row.line or 0, row.id, SHEBA.open(cipher, row) or ERASED_SHEBA, row.net_rials)
            for row in rows
        ],
    )


async def take_answer(session: WriteSession, batch_id: int, text: str) -> BankAnswerRead:
    """Take in what the bank says of a batch's lines, all or nothing of a file; told again, nothing changes.

    Raises:
        CashOutBatchNotFound, BankAnswerUnreadable
    """
    batch = await _find(session, batch_id, for_update=True)
    lines, faults = read_answer(text)
    rows = await _locked_lines(session, batch.id, lines)
    faults += _contradictions(lines, rows)
    if faults:
        raise BankAnswerUnreadable(sorted(faults)[:50])
    new = [line for line in lines if rows[line.line].state == CashOutState.IN_BATCH]
    paid, failed = vouchers.Sums(), vouchers.Sums()
    for line in new:
        row = rows[line.line]
        if line.is_paid:
            await _note_paid(session, row, line)
            paid = _plus(paid, row)
        else:
            row.bank_reference, row.bank_reason = line.bank_reference, line.reason
            await logic.give_back(session, row, ReturnedFor.BANK)
            failed = _plus(failed, row)
    paid_count = sum(line.is_paid for line in new)
    batch.paid_count += paid_count
    batch.failed_count += len(new) - paid_count
    voucher = await vouchers.write_for_answer(session, batch, paid=paid, failed=failed) if new else None
    await session.flush()
    return BankAnswerRead(
        paid=paid_count,
        failed=len(new) - paid_count,
        repeated=len(lines) - len(new),
        voucher_id=None if voucher is None else voucher.id,
    )


async def _locked_lines(
    session: WriteSession, batch_id: int, lines: Sequence[AnsweredLine]
) -> dict[int, CashOut]:
    found = await session.scalars(
        select(CashOut).where(CashOut.batch_id == batch_id).order_by(CashOut.id).with_for_update()
    )
    wanted = {line.line for line in lines}
    return {row.line: row for row in found if row.line is not None and row.line in wanted}


def _contradictions(lines: Sequence[AnsweredLine], rows: dict[int, CashOut]) -> list[Fault]:
    """Lines that the batch doesn't have, or of which an earlier answer told otherwise."""
    faults: list[Fault] = []
    for line in lines:
        row = rows.get(line.line)
        if row is None or row.id != line.reference:
            faults.append((line.row, "not-in-batch"))
        elif row.state != CashOutState.IN_BATCH and (row.state == CashOutState.PAID) != line.is_paid:
            faults.append((line.row, "answered-otherwise"))
    return faults


async def _note_paid(session: WriteSession, row: CashOut, line: AnsweredLine) -> None:
    row.state = CashOutState.PAID.value
    row.paid_at = row.finished_at = utc_now()
    row.bank_reference = line.bank_reference
    await session.flush()
    emit(session, CASH_OUT_PAID, Subject("cash_out", row.id), logic.event_of(row))
    await logic.tell_paid(session, row)


def _plus(sums: vouchers.Sums, row: CashOut) -> vouchers.Sums:
    return vouchers.Sums(sums.gross + row.gross_rials, sums.fee + row.fee_rials, sums.net + row.net_rials)


async def _find(session: AnySession, batch_id: int, *, for_update: bool = False) -> CashOutBatch:
    batch = await session.get(CashOutBatch, batch_id, with_for_update=for_update or None)
    if batch is None:
        raise CashOutBatchNotFound
    return batch


def _read(row: CashOutBatch) -> CashOutBatchRead:
    return CashOutBatchRead(
        id=row.id,
        made_at=row.made_at,
        made_by=row.made_by,
        line_count=row.line_count,
        gross_rials=row.gross_rials,
        fee_rials=row.fee_rials,
        net_rials=row.net_rials,
        paid_count=row.paid_count,
        failed_count=row.failed_count,
    )
