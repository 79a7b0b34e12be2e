"""Operators and the files from which terminals know them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import exists, select

from host_api.core.audit import Plain, note
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.locking import check_version
from host_api.services.merchants import logic as merchants
from host_api.services.operators.events import OPERATOR_CHANGED, OperatorChanged
from host_api.services.operators.listing import OperatorFilters, OperatorQuery
from host_api.services.operators.models import PIN_CHECK, Operator
from host_api.services.operators.pins import PinCheck, check_of, new_pin
from host_api.services.operators.roles import AT_TERMINAL, MAY_DO, ROLE_TITLES, Role, TerminalRole
from host_api.services.operators.schemas import (
    FileRecord,
    OperatorCreate,
    OperatorIssued,
    OperatorRead,
    OperatorRoleRead,
    OperatorsFile,
    OperatorStatus,
    OperatorUpdate,
)
from host_api.services.terminals import logic as terminals
from host_api.services.terminals import parameters
from host_api.services.terminals.parameter_schemas import ParameterDocumentRead


class OperatorNotFound(Problem):
    """No operator has this id."""

    status = 404
    code = "operator-not-found"
    title = "Operator not found"
    title_fa = "اپراتور پیدا نشد"
    detail = "There is no operator with this id."
    detail_fa = "اپراتوری با این شناسه وجود ندارد."


class OperatorCodeTaken(Problem):
    """Another operator of the merchant has the code."""

    status = 409
    code = "operator-code-taken"
    title = "Operator code taken"
    title_fa = "کد اپراتور تکراری است"
    detail = "Another operator of this merchant has this code already."
    detail_fa = "اپراتور دیگری از این پذیرنده همین کد را دارد."
    field = "code"


class OperatorBranchUnknown(Problem):
    """A branch that is listed isn't the merchant's."""

    status = 409
    code = "operator-branch-unknown"
    title = "Branch not of this merchant"
    title_fa = "شعبه از آن این پذیرنده نیست"
    detail = "The operator is to work in a branch that this merchant doesn't have."
    detail_fa = "شعبه‌ای نام برده شده که از آن این پذیرنده نیست."
    field = "branches"


class NoSupervisor(Problem):
    """Terminals with such a file could not be used."""

    status = 409
    code = "operators-without-supervisor"
    title = "No supervisor"
    title_fa = "سرپرست ندارد"
    detail = (
        "No active supervisor or manager works in this branch: nobody could close the day at its terminals."
    )
    detail_fa = "در این شعبه سرپرست یا مدیر فعالی نیست: کسی نمی‌تواند روز را در پایانه ببندد."


async def create(
    session: WriteSession, cipher: FieldCipher, wanted: OperatorCreate
) -> tuple[Operator, OperatorIssued]:
    """Store a new operator with a PIN.

    Raises:
        merchants.MerchantNotFound, OperatorBranchUnknown, OperatorCodeTaken
    """
    await merchants.find_merchant(session, wanted.merchant)
    await _check_branches(session, wanted.merchant, wanted.branches)
    taken = select(exists().where(Operator.merchant_key == wanted.merchant, Operator.code == wanted.code))
    if await session.scalar(taken):
        raise OperatorCodeTaken
    now = utc_now()
    operator = Operator(
        merchant_key=wanted.merchant,
        code=wanted.code,
        name=wanted.name,
        role=wanted.role.value,
        status=OperatorStatus.ACTIVE.value,
        branches=wanted.branches,
        expires_at=wanted.expires_at,
        pin_set_at=now,
        created_at=now,
    )
    async with conflict_as(OperatorCodeTaken()):
        session.add(operator)
        await session.flush()
    given = await _set_pin(session, cipher, operator, wanted.pin)
    _tell(session, operator)
    await session.flush()
    return operator, OperatorIssued(**shown(operator, now).model_dump(), pin=given)


async def change(session: WriteSession, operator_id: int, if_match: str, wanted: OperatorUpdate) -> Operator:
    """Change or lock an operator; terminals know of it with their next file.

    Raises:
        OperatorNotFound, ChangedMeanwhile, OperatorBranchUnknown
    """
    operator = await lock(session, operator_id)
    check_version(operator, if_match)
    given = wanted.model_fields_set
    if wanted.name is not None:
        operator.name = wanted.name
    if wanted.role is not None:
        operator.role = wanted.role.value
    if wanted.status is not None:
        operator.status = wanted.status.value
    if "branches" in given:
        await _check_branches(session, operator.merchant_key, wanted.branches)
        operator.branches = wanted.branches
    if "expires_at" in given:
        operator.expires_at = wanted.expires_at
    _tell(session, operator)
    await session.flush()
    return operator


async def set_pin(
    session: WriteSession, cipher: FieldCipher, operator_id: int, if_match: str, pin: str | None
) -> tuple[Operator, OperatorIssued]:
    """Set the PIN that was chosen, or give one.

    Raises:
        OperatorNotFound, ChangedMeanwhile
    """
    operator = await lock(session, operator_id)
    check_version(operator, if_match)
    given = await _set_pin(session, cipher, operator, pin)
    _tell(session, operator)
    await session.flush()
    return operator, OperatorIssued(**shown(operator, utc_now()).model_dump(), pin=given)


async def find(session: AnySession, operator_id: int) -> Operator:
    """One operator, as a row with its version.

    Raises:
        OperatorNotFound
    """
    operator = await session.get(Operator, operator_id)
    if operator is None:
        raise OperatorNotFound
    return operator


async def lock(session: WriteSession, operator_id: int) -> Operator:
    """The same, kept from other writers until the transaction ends.

    Raises:
        OperatorNotFound
    """
    operator = await session.get(Operator, operator_id, with_for_update=True)
    if operator is None:
        raise OperatorNotFound
    return operator


async def read_page(session: ReadSession, query: OperatorQuery) -> Page[OperatorRead]:
    """A page of operators."""
    operators, next_cursor = await read_rows(session, select(Operator), query)
    now = utc_now()
    return Page(items=[shown(operator, now) for operator in operators], next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: OperatorFilters, cursor: str | None, limit: int
) -> tuple[list[OperatorRead], str | None]:
    """Up to `limit` operators after `cursor`, and the cursor of those behind them."""
    operators, next_cursor = await read_rows_after(session, select(Operator), query, cursor, limit)
    now = utc_now()
    return [shown(operator, now) for operator in operators], next_cursor


def roles() -> list[OperatorRoleRead]:
    """All roles, and what each may do at a terminal."""
    return [
        OperatorRoleRead(
            role=role,
            title=title,
            title_fa=title_fa,
            at_terminal=AT_TERMINAL[role],
            may_do=[*MAY_DO[AT_TERMINAL[role]]],
        )
        for role, (title, title_fa) in ROLE_TITLES.items()
    ]


async def operators_file(
    session: AnySession, cipher: FieldCipher, branch_id: int, now: datetime
) -> OperatorsFile:
    """Those who may work at a branch's terminals now, as terminals take them.

    Raises:
        merchants.BranchNotFound, NoSupervisor
    """
    branch = await merchants.find_branch(session, branch_id)
    rows = await session.scalars(
        select(Operator)
        .where(
            Operator.merchant_key == branch.merchant_key,
            Operator.status == OperatorStatus.ACTIVE.value,
            Operator.pin_sealed.is_not(None),
        )
        .order_by(Operator.id)
    )
    present = [
        operator for operator in rows if works_at(operator, branch_id) and not is_expired(operator, now)
    ]
    records = [_record(cipher, operator) for operator in present]
    if not any(record.role is TerminalRole.SUPERVISOR for record in records):
        raise NoSupervisor
    return OperatorsFile(operators=records)


async def take_file(
    session: WriteSession, cipher: FieldCipher, branch_id: int, now: datetime
) -> OperatorsFile:
    """The same, and the audit log tells who took it.

    Raises:
        merchants.BranchNotFound, NoSupervisor
    """
    file = await operators_file(session, cipher, branch_id, now)
    codes: list[Plain] = [record.id for record in file.operators]
    note(session, "export", "operators", f"branch {branch_id}", after={"codes": codes})
    return file


async def issue_document(
    session: WriteSession, cipher: FieldCipher, terminal_id: str, above: int
) -> ParameterDocumentRead:
    """A terminal's parameter document with the operators of its branch.

    Raises:
        terminals.TerminalNotFound, terminals.TerminalRetired, NoSupervisor, parameters.ParametersTooLarge,
        parameters.SequencesUsedUp
    """
    terminal = await terminals.find(session, terminal_id)
    file = await operators_file(session, cipher, terminal.branch_id, utc_now())
    more = file.model_dump(mode="json")
    return await parameters.issue_document(session, terminal_id, above=above, more=more)


def works_at(operator: Operator, branch_id: int) -> bool:
    """Whether a branch of the operator's own merchant is one of his."""
    return operator.branches is None or branch_id in operator.branches


def is_expired(operator: Operator, now: datetime) -> bool:
    """Whether the operator's time is over."""
    return operator.expires_at is not None and operator.expires_at <= now


def shown(operator: Operator, now: datetime) -> OperatorRead:
    """An operator as the API tells of him."""
    return OperatorRead(
        id=operator.id,
        merchant=operator.merchant_key,
        code=operator.code,
        name=operator.name,
        role=Role(operator.role),
        status=OperatorStatus(operator.status),
        branches=operator.branches,
        expires_at=operator.expires_at,
        is_expired=is_expired(operator, now),
        pin_set_at=operator.pin_set_at,
        created_at=operator.created_at,
    )


async def _check_branches(session: AnySession, merchant: int, branches: Sequence[int] | None) -> None:
    if branches is not None:
        own: Collection[int] = set(await merchants.branch_ids_of(session, merchant))
        if not set(branches) <= set(own):
            raise OperatorBranchUnknown


async def _set_pin(
    session: WriteSession, cipher: FieldCipher, operator: Operator, pin: str | None
) -> str | None:
    """Seal a PIN's check value into a stored operator; the PIN itself where the club gave it."""
    given = new_pin() if pin is None else None
    PIN_CHECK.seal(cipher, operator, check_of(pin or given or "").model_dump_json())
    operator.pin_set_at = utc_now()
    await session.flush()
    return given


def _record(cipher: FieldCipher, operator: Operator) -> FileRecord:
    check = PinCheck.model_validate_json(PIN_CHECK.open(cipher, operator) or "")
    role = AT_TERMINAL[Role(operator.role)]
    return FileRecord(id=operator.code, role=role, **check.model_dump())


def _tell(session: WriteSession, operator: Operator) -> None:
    changed = OperatorChanged(
        id=operator.id,
        merchant=operator.merchant_key,
        role=Role(operator.role),
        status=OperatorStatus(operator.status),
        branches=operator.branches,
    )
    emit(session, OPERATOR_CHANGED, Subject("operator", operator.id), changed)
