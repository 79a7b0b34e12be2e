"""Endpoints of agreements and their texts."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.files.download import DOWNLOAD_HEADERS, attachment
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import LARGEST_ID, IdInPath
from host_api.core.second_person import ActOfAnother, AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.agreements import access, contracts, gates, logic, problems, versions
from host_api.services.agreements.listing import AgreementQuery, AgreementVersionQuery
from host_api.services.agreements.schemas import (
    AgreementCreate,
    AgreementRead,
    AgreementUpdate,
    AgreementVersionCreate,
    AgreementVersionRead,
    AgreementVersionUpdate,
    GatesWanted,
    GatesWritten,
    PublicationWanted,
    RejectionWanted,
)
from host_api.services.members.logic import MemberNotFound
from host_api.services.merchants.logic import MerchantNotFound
from host_api.services.rules.draft.problems import RuleIdTaken, TooManyRules

router = APIRouter(prefix="/agreements", tags=["agreements"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]

_PDF = "application/pdf"
_PartyId = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]


@router.post(
    "", status_code=201, summary="Add an agreement", responses=problem_responses(problems.AgreementCodeTaken)
)
async def create_agreement(work: Writing, response: Response, wanted: AgreementCreate) -> AgreementRead:
    """What is agreed to, and what waits for it; the text comes as a version."""
    made, row = await logic.create(work.session, wanted)
    response.headers["ETag"] = etag(row)
    return made


@router.get("", summary="List agreements")
async def list_agreements(work: Reading, query: Annotated[AgreementQuery, Query()]) -> Page[AgreementRead]:
    """Each with the id of its text in force."""
    return await logic.read_page(work.session, query)


@router.post(
    "/gates",
    status_code=201,
    summary="Write the gates into the rules",
    responses=problem_responses(RuleIdTaken, TooManyRules),
)
async def write_gates(work: Writing, wanted: GatesWanted) -> GatesWritten:
    """Have the draft of the rules wait for the texts in force. It is in force once a version of the draft is
    published, which takes a second person and may wait for a time."""
    return await gates.write_gates(work.session, wanted.at)


@router.get("/versions", summary="List texts")
async def list_versions(
    work: Reading, query: Annotated[AgreementVersionQuery, Query()]
) -> Page[AgreementVersionRead]:
    """The latest first; `state=draft` are those that wait for a second person."""
    return await versions.read_page(work.session, query)


@router.get(
    "/versions/{version_id}",
    summary="Read a text",
    responses=problem_responses(problems.AgreementVersionNotFound),
)
async def read_version(work: Reading, response: Response, version_id: IdInPath) -> AgreementVersionRead:
    """One text with its hash."""
    row = await versions.find(work.session, version_id)
    response.headers["ETag"] = etag(row)
    return versions.shown(row)


@router.patch(
    "/versions/{version_id}",
    summary="Change a draft",
    responses=problem_responses(problems.AgreementVersionNotFound, AlreadyDecided, ChangedMeanwhile),
)
async def change_version(
    work: Writing, response: Response, version_id: IdInPath, wanted: AgreementVersionUpdate, if_match: IfMatch
) -> AgreementVersionRead:
    """Only a draft changes; whoever changed it last can't publish it."""
    changed, row = await versions.change_draft(work.session, work.caller, version_id, wanted, if_match)
    response.headers["ETag"] = etag(row)
    return changed


@router.post(
    "/versions/{version_id}/publication",
    status_code=201,
    summary="Publish a text",
    responses=problem_responses(
        problems.AgreementVersionNotFound,
        AlreadyDecided,
        OwnAct,
        problems.EffectiveInThePast,
        problems.AgreementBitsUsedUp,
    ),
)
async def publish_version(
    work: Deciding, version_id: IdInPath, wanted: PublicationWanted
) -> AgreementVersionRead:
    """Make it the text, now or from a time on, as the second person."""
    return (await versions.publish(work.session, work.caller, version_id, wanted))[0]


@router.post(
    "/versions/{version_id}/rejection",
    status_code=201,
    summary="Reject a text",
    responses=problem_responses(problems.AgreementVersionNotFound, AlreadyDecided, OwnAct),
)
async def reject_version(
    work: Deciding, version_id: IdInPath, wanted: RejectionWanted
) -> AgreementVersionRead:
    """Turn a draft down as the second person."""
    return (await versions.reject(work.session, work.caller, version_id, wanted.note))[0]


@router.post(
    "/versions/{version_id}/withdrawal",
    status_code=201,
    summary="Withdraw a text",
    responses=problem_responses(problems.AgreementVersionNotFound, AlreadyDecided, ActOfAnother),
)
async def withdraw_version(work: Writing, version_id: IdInPath) -> AgreementVersionRead:
    """Take one's own draft back."""
    return (await versions.withdraw(work.session, work.caller, version_id))[0]


@router.get(
    "/versions/{version_id}/contract",
    summary="Draw a contract",
    response_class=Response,
    responses={
        **problem_responses(
            problems.AgreementVersionNotFound, problems.OfOtherParty, MemberNotFound, MerchantNotFound
        ),
        200: {
            "description": "The contract.",
            "content": {_PDF: {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
async def draw_contract(
    work: Reading, version_id: IdInPath, member_id: _PartyId = None, merchant_key: _PartyId = None
) -> Response:
    """The text as PDF in both languages, with the party, the version, the hash and fields for signatures."""
    drawn = await contracts.contract_of(
        work.session, work.cipher, version_id, member_id=member_id, merchant_key=merchant_key
    )
    headers = {**DOWNLOAD_HEADERS, "Content-Disposition": attachment(f"contract-{version_id}.pdf")}
    return Response(drawn, media_type=_PDF, headers=headers)


@router.get(
    "/{agreement_id}", summary="Read an agreement", responses=problem_responses(problems.AgreementNotFound)
)
async def read_agreement(work: Reading, response: Response, agreement_id: IdInPath) -> AgreementRead:
    """One agreement."""
    found, row = await logic.read(work.session, agreement_id)
    response.headers["ETag"] = etag(row)
    return found


@router.patch(
    "/{agreement_id}",
    summary="Change an agreement",
    responses=problem_responses(problems.AgreementNotFound, ChangedMeanwhile),
)
async def change_agreement(
    work: Writing, response: Response, agreement_id: IdInPath, wanted: AgreementUpdate, if_match: IfMatch
) -> AgreementRead:
    """Change what waits for it, or retire it; gates of the switch are written anew after that."""
    changed, row = await logic.change(work.session, agreement_id, wanted, if_match)
    response.headers["ETag"] = etag(row)
    return changed


@router.post(
    "/{agreement_id}/versions",
    status_code=201,
    summary="Draft a text",
    responses=problem_responses(problems.AgreementNotFound, problems.DraftOpen),
)
async def draft_version(
    work: Writing, response: Response, agreement_id: IdInPath, wanted: AgreementVersionCreate
) -> AgreementVersionRead:
    """Begin the next text; an agreement has one draft at a time."""
    made, row = await versions.write_draft(work.session, work.caller, agreement_id, wanted)
    response.headers["ETag"] = etag(row)
    return made
