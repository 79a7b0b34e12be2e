"""Endpoints of policy, batches and vouchers of points to cash."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.files.download import DOWNLOAD_HEADERS, attachment
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.policy_versions import PolicyInThePast, PolicyMissing
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.cash_outs import access, batches, policies, problems, vouchers
from host_api.services.cash_outs.listing import (
    CashOutBatchQuery,
    CashOutPolicyQuery,
    CashOutVoucherQuery,
)
from host_api.services.cash_outs.schemas import (
    BankAnswer,
    BankAnswerRead,
    CashOutBatchCreate,
    CashOutBatchRead,
    CashOutPolicyCreate,
    CashOutPolicyRead,
    CashOutVoucherRead,
)
from host_api.services.files.routes import CONTENT

router = APIRouter(prefix="/cash-outs", tags=["cash outs"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
# The file has whole account numbers.
Paying = Annotated[ReadWork, reads(access.WRITE)]


class BankFileFormat(StrEnum):
    """Forms of the bank's file."""

    CSV = "csv"
    FIXED = "fixed"


@router.post(
    "/policies",
    status_code=201,
    summary="Make a version of the cash-out policy",
    responses=problem_responses(PolicyInThePast),
)
async def create_policy(work: Writing, wanted: CashOutPolicyCreate) -> CashOutPolicyRead:
    """Rate, fee, limits, audience and accounts from an instant on; earlier requests keep their version."""
    return await policies.create(work.session, work.caller, wanted)


@router.get("/policies", summary="List versions of the cash-out policy")
async def list_policies(
    work: Reading, query: Annotated[CashOutPolicyQuery, Query()]
) -> Page[CashOutPolicyRead]:
    """Past, present and future versions, the latest first."""
    return await policies.read_page(work.session, query)


@router.get(
    "/policies/current", summary="Read the cash-out policy", responses=problem_responses(PolicyMissing)
)
async def read_current_policy(work: Reading) -> CashOutPolicyRead:
    """The version in force."""
    return await policies.read_current(work.session)


@router.post(
    "/batches",
    status_code=201,
    summary="Make a bank batch",
    responses=problem_responses(problems.NothingToPay, PolicyMissing),
)
async def create_batch(work: Writing, wanted: CashOutBatchCreate) -> CashOutBatchRead:
    """Put what is ready into a batch, each request into one only, and write its voucher."""
    return await batches.make(work.session, work.caller, wanted.most_lines)


@router.get("/batches", summary="List bank batches")
async def list_batches(work: Reading, query: Annotated[CashOutBatchQuery, Query()]) -> Page[CashOutBatchRead]:
    """The latest first."""
    return await batches.read_page(work.session, query)


@router.get(
    "/batches/{batch_id}",
    summary="Read a bank batch",
    responses=problem_responses(problems.CashOutBatchNotFound),
)
async def read_batch(work: Reading, batch_id: IdInPath) -> CashOutBatchRead:
    """Sums, and how many lines the bank has answered."""
    return await batches.read(work.session, batch_id)


@router.get(
    "/batches/{batch_id}/file",
    summary="Download a batch's bank file",
    response_class=Response,
    responses={**problem_responses(problems.CashOutBatchNotFound), **CONTENT},
)
async def download_batch_file(
    work: Paying, batch_id: IdInPath, form: BankFileFormat = BankFileFormat.FIXED
) -> Response:
    """What the bank pays from: the same bytes each time, as long as no member of it was erased."""
    file = await batches.bank_file(work.session, work.cipher, batch_id)
    is_csv = form is BankFileFormat.CSV
    content = file.as_csv() if is_csv else file.as_fixed()
    return _download(content, f"cash-outs-{batch_id}.{'csv' if is_csv else 'txt'}", is_csv=is_csv)


@router.post(
    "/batches/{batch_id}/answers",
    status_code=201,
    summary="Take in the bank's answer",
    responses=problem_responses(problems.CashOutBatchNotFound, problems.BankAnswerUnreadable),
)
async def take_answer(work: Writing, batch_id: IdInPath, answer: BankAnswer) -> BankAnswerRead:
    """Lines are paid, or failed: then the points go back to the member. All of the file, or nothing of it."""
    return await batches.take_answer(work.session, batch_id, answer.csv)


@router.get("/vouchers", summary="List vouchers of cash-outs")
async def list_vouchers(
    work: Reading, query: Annotated[CashOutVoucherQuery, Query()]
) -> Page[CashOutVoucherRead]:
    """The latest first, with their lines."""
    return await vouchers.read_page(work.session, query)


@router.get(
    "/vouchers/{voucher_id}",
    summary="Read a voucher",
    responses=problem_responses(problems.CashOutVoucherNotFound),
)
async def read_voucher(work: Reading, voucher_id: IdInPath) -> CashOutVoucherRead:
    """One voucher with its lines."""
    return await vouchers.read(work.session, voucher_id)


@router.get(
    "/vouchers/{voucher_id}/file",
    summary="Download a voucher",
    response_class=Response,
    responses={**problem_responses(problems.CashOutVoucherNotFound), **CONTENT},
)
async def download_voucher(work: Reading, voucher_id: IdInPath) -> Response:
    """The voucher as CSV for the accounting program."""
    voucher = await vouchers.read(work.session, voucher_id)
    return _download(vouchers.as_csv(voucher), f"voucher-{voucher_id}.csv", is_csv=True)


def _download(content: bytes, name: str, *, is_csv: bool) -> Response:
    return Response(
        content,
        media_type="text/csv; charset=utf-8" if is_csv else "text/plain; charset=us-ascii",
        headers={"Content-Disposition": attachment(name), **DOWNLOAD_HEADERS},
    )
