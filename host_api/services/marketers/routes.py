"""Endpoints of marketers, their rates, statements and payments."""

from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Response

from host_api.core.bulk import importing
from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.bulk.importing import ImportCreate, ImportRead, read_import, start_import
from host_api.core.clock import utc_now
from host_api.core.errors import preferred_language, problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.policy_versions import PolicyInThePast
from host_api.core.second_person import ActOfAnother, AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.marketers import access, entries, logic, performance, problems, rates, statements
from host_api.services.marketers.entries import ENTRIES_IMPORT
from host_api.services.marketers.listing import (
    LineExportQuery,
    LineQuery,
    MarketerQuery,
    MonthQuery,
    PaymentQuery,
    RebateTableQuery,
    StatementExportQuery,
    StatementQuery,
)
from host_api.services.marketers.schemas import (
    CustomerPerformance,
    MarketerCreate,
    MarketerEntryCreate,
    MarketerLineRead,
    MarketerPaymentCreate,
    MarketerPaymentDecision,
    MarketerPaymentRead,
    MarketerPerformance,
    MarketerRead,
    MarketerStatementDetail,
    MarketerStatementRead,
    MarketerUpdate,
    RebateTableCreate,
    RebateTableRead,
)
from host_api.services.members.logic import MemberNotFound

router = APIRouter(prefix="/marketers", tags=["marketers"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
AcceptLanguage = Annotated[str | None, Header(alias="Accept-Language", max_length=200)]

_LINE_COLUMNS: Final = (
    ("marketer_id", "Marketer", "بازاریاب"),
    ("year", "Year", "سال"),
    ("month", "Month", "ماه"),
    ("day", "Day", "روز"),
    ("customer_id", "Customer", "مشتری"),
    ("trade_id", "Trade", "معامله"),
    ("reference", "Reference", "شمارهٔ ثبت"),
    ("trades", "Trades", "تعداد معامله"),
    ("turnover_rials", "Turnover", "گردش"),
    ("commission_rials", "Commission", "کارمزد"),
    ("new_customers", "New customers", "مشتریان تازه"),
    ("statement_id", "Statement", "صورت‌حساب"),
)
_STATEMENT_COLUMNS: Final = (
    ("id", "Statement", "صورت‌حساب"),
    ("marketer_id", "Marketer", "بازاریاب"),
    ("year", "Year", "سال"),
    ("month", "Month", "ماه"),
    ("customers", "Customers", "مشتریان"),
    ("new_customers", "New customers", "مشتریان تازه"),
    ("trades", "Trades", "تعداد معامله"),
    ("turnover_rials", "Turnover", "گردش"),
    ("commission_rials", "Commission", "کارمزد"),
    ("basis_points", "Basis points", "نرخ، ده‌هزارم"),
    ("rebate_rials", "Rebate", "برگشت کارمزد"),
    ("adjustment_rials", "Adjustment", "تعدیل"),
    ("carried_in_rials", "Carried in", "مانده از پیش"),
    ("payable_rials", "Payable", "قابل پرداخت"),
    ("state", "State", "وضعیت"),
    ("paid_on", "Paid on", "تاریخ پرداخت"),
)
add_export(
    router,
    list_export("lines", LineExportQuery, _LINE_COLUMNS, entries.read_after),
    LineExportQuery,
    access.READ,
)
add_export(
    router,
    list_export("statements", StatementExportQuery, _STATEMENT_COLUMNS, statements.read_after),
    StatementExportQuery,
    access.READ,
)


@router.post(
    "",
    status_code=201,
    summary="Add a marketer",
    responses=problem_responses(MemberNotFound, problems.MarketerExists),
)
async def create_marketer(work: Writing, response: Response, wanted: MarketerCreate) -> MarketerRead:
    """Have a member be a marketer: those on their branches in the referral network are their customers."""
    made, response.headers["ETag"] = await logic.create(work.session, wanted)
    return made


@router.get("", summary="List marketers")
async def list_marketers(work: Reading, query: Annotated[MarketerQuery, Query()]) -> Page[MarketerRead]:
    """All marketers, also those for whom nothing new counts."""
    return await logic.read_page(work.session, query)


@router.post(
    "/rebate-tables",
    status_code=201,
    summary="Make a version of the rebate rates",
    responses=problem_responses(PolicyInThePast),
)
async def create_rebate_table(work: Writing, wanted: RebateTableCreate) -> RebateTableRead:
    """Rates by tiers from an instant on; a month goes by the version in force as it ends."""
    return await rates.create(work.session, work.caller, wanted)


@router.get("/rebate-tables", summary="List versions of the rebate rates")
async def list_rebate_tables(
    work: Reading, query: Annotated[RebateTableQuery, Query()]
) -> Page[RebateTableRead]:
    """Past, present and future versions, the latest first."""
    return await rates.read_page(work.session, query)


@router.get("/lines", summary="List what counts for marketers")
async def list_lines(work: Reading, query: Annotated[LineQuery, Query()]) -> Page[MarketerLineRead]:
    """Trades of customers, what corrections took off, and entries; the latest first."""
    return await entries.read_page(work.session, query)


@router.post(
    "/entries/imports",
    status_code=202,
    summary="Import entries for marketers from a file",
    responses=problem_responses(
        importing.ImportFileNotFound, importing.FileNotImportable, importing.FileImportedAlready
    ),
)
async def start_entry_import(
    work: Writing, wanted: ImportCreate, accept_language: AcceptLanguage = None
) -> ImportRead:
    """Take entries of a CSV, XLSX or JSON file; the reference is the key."""
    return await start_import(
        work.session,
        ENTRIES_IMPORT,
        wanted,
        work.caller,
        language=preferred_language(accept_language),
        now=utc_now(),
    )


@router.get(
    "/entries/imports/{id}",
    summary="Read an import of entries for marketers",
    responses=problem_responses(importing.ImportNotFound),
)
async def read_entry_import(
    work: Reading,
    id: IdInPath,  # noqa: A002
    accept_language: AcceptLanguage = None,
) -> ImportRead:
    """State, progress, counts and the first faults."""
    return await read_import(work.session, ENTRIES_IMPORT, id, preferred_language(accept_language))


@router.get("/statements", summary="List statements of marketers")
async def list_statements(
    work: Reading, query: Annotated[StatementQuery, Query()]
) -> Page[MarketerStatementRead]:
    """What marketers are owed, month by month; `state=due` are those to be paid."""
    return await statements.read_page(work.session, query)


@router.get(
    "/statements/{statement_id}",
    summary="Read a statement of a marketer",
    responses=problem_responses(problems.StatementNotFound),
)
async def read_statement(work: Reading, statement_id: IdInPath) -> MarketerStatementDetail:
    """One statement by id, with the earlier months that it adjusts."""
    return await statements.read(work.session, statement_id)


@router.post(
    "/statements/{statement_id}/payments",
    status_code=201,
    summary="Say that a statement was paid",
    responses=problem_responses(problems.StatementNotFound, problems.StatementNotDue),
)
async def ask_payment(
    work: Writing, statement_id: IdInPath, wanted: MarketerPaymentCreate
) -> MarketerPaymentRead:
    """Tell when and with which reference it was paid; it is paid once another person confirms that."""
    return await statements.ask_payment(work.session, work.caller, statement_id, wanted)


@router.get("/payments", summary="List payments to marketers")
async def list_payments(work: Reading, query: Annotated[PaymentQuery, Query()]) -> Page[MarketerPaymentRead]:
    """The latest first; `state=asked` are those to be decided."""
    return await statements.read_payments(work.session, query)


@router.post(
    "/payments/{payment_id}/approval",
    status_code=201,
    summary="Confirm a payment to a marketer",
    responses=problem_responses(problems.PaymentNotFound, AlreadyDecided, OwnAct),
)
async def approve_payment(
    work: Deciding, payment_id: IdInPath, decision: MarketerPaymentDecision
) -> MarketerPaymentRead:
    """Consent as the second person: the statement is paid."""
    return await statements.approve_payment(work.session, work.caller, payment_id, decision.note)


@router.post(
    "/payments/{payment_id}/rejection",
    status_code=201,
    summary="Reject a payment to a marketer",
    responses=problem_responses(problems.PaymentNotFound, AlreadyDecided, OwnAct),
)
async def reject_payment(
    work: Deciding, payment_id: IdInPath, decision: MarketerPaymentDecision
) -> MarketerPaymentRead:
    """Turn it down as the second person: the statement is due as before."""
    return await statements.reject_payment(work.session, work.caller, payment_id, decision.note)


@router.post(
    "/payments/{payment_id}/cancellation",
    status_code=201,
    summary="Take back the word that a statement was paid",
    responses=problem_responses(problems.PaymentNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_payment(work: Writing, payment_id: IdInPath) -> MarketerPaymentRead:
    """Take one's own back, before it is decided."""
    return await statements.cancel_payment(work.session, work.caller, payment_id)


@router.get(
    "/{marketer_id}", summary="Read a marketer", responses=problem_responses(problems.MarketerNotFound)
)
async def read_marketer(work: Reading, response: Response, marketer_id: IdInPath) -> MarketerRead:
    """One marketer by id."""
    found, response.headers["ETag"] = await logic.read(work.session, marketer_id)
    return found


@router.patch(
    "/{marketer_id}",
    summary="Change a marketer",
    responses=problem_responses(problems.MarketerNotFound, ChangedMeanwhile),
)
async def change_marketer(
    work: Writing, response: Response, marketer_id: IdInPath, wanted: MarketerUpdate, if_match: IfMatch
) -> MarketerRead:
    """Have new trades of the customers count, or no longer; corrections of counted ones still do."""
    changed, response.headers["ETag"] = await logic.change(work.session, marketer_id, wanted, if_match)
    return changed


@router.get(
    "/{marketer_id}/performance",
    summary="Read a marketer's month",
    responses=problem_responses(problems.MarketerNotFound),
)
async def read_performance(
    work: Reading, marketer_id: IdInPath, query: Annotated[MonthQuery, Query()]
) -> MarketerPerformance:
    """What customers traded in a Jalali month, and what that gives by what is known now."""
    return await performance.read(work.session, marketer_id, query.number)


@router.get(
    "/{marketer_id}/customers",
    summary="Rank a marketer's customers",
    responses=problem_responses(problems.MarketerNotFound),
)
async def rank_customers(
    work: Reading, marketer_id: IdInPath, query: Annotated[MonthQuery, Query()]
) -> Page[CustomerPerformance]:
    """The 200 customers with the highest commission in a Jalali month."""
    ranked = await performance.rank_customers(work.session, marketer_id, query.number)
    return Page(items=ranked, next_cursor=None)


@router.post(
    "/{marketer_id}/entries",
    status_code=201,
    summary="Enter something for a marketer",
    responses=problem_responses(
        problems.MarketerNotFound, problems.EntryInTheFuture, problems.EntryReferenceTaken
    ),
)
async def enter(work: Writing, marketer_id: IdInPath, wanted: MarketerEntryCreate) -> MarketerLineRead:
    """Have something count that stands in no imported trade; a correction is an entry less than zero."""
    return await entries.enter(work.session, marketer_id, wanted, work.caller.name)
