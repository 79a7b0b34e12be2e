"""Endpoints of the discount codes service."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from host_api.core.bulk import importing
from host_api.core.bulk.importing import ImportCreate, ImportRead, read_import, start_import
from host_api.core.clock import utc_now
from host_api.core.errors import preferred_language, problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.discount_codes import access, logic, pools, problems
from host_api.services.discount_codes.bulk import CODES_IMPORT
from host_api.services.discount_codes.listing import CodeQuery, OwnCodeQuery, PoolQuery
from host_api.services.discount_codes.schemas import (
    CodeBrief,
    CodeGift,
    CodeRead,
    CodesAdded,
    CodesWanted,
    CodeUse,
    PoolCreate,
    PoolRead,
    PoolUpdate,
)
from host_api.services.members.logic import MemberNotFound

router = APIRouter(tags=["discount codes"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
ReadingOwn = Annotated[ReadWork, reads(access.ACT)]
Acting = Annotated[WriteWork, writes(access.ACT)]
AcceptLanguage = Annotated[str | None, Header(alias="Accept-Language", max_length=200)]


@router.post(
    "/code-pools",
    status_code=201,
    summary="Add a pool of codes",
    responses=problem_responses(problems.PoolTaken),
)
async def create_code_pool(work: Writing, response: Response, wanted: PoolCreate) -> PoolRead:
    """Store a pool; codes are imported into it, or generated."""
    pool = await pools.create(work.session, wanted)
    response.headers["ETag"] = etag(pool)
    return (await pools.shown(work.session, [pool]))[0]


@router.get("/code-pools", summary="List pools of codes")
async def list_code_pools(work: Reading, query: Annotated[PoolQuery, Query()]) -> Page[PoolRead]:
    """Pools with the numbers of their codes by state."""
    return await pools.read_pools(work.session, query)


@router.post(
    "/code-pools/imports",
    status_code=202,
    summary="Import codes from a file",
    responses=problem_responses(
        importing.ImportFileNotFound, importing.FileNotImportable, importing.FileImportedAlready
    ),
)
async def start_code_import(
    work: Writing, wanted: ImportCreate, accept_language: AcceptLanguage = None
) -> ImportRead:
    """Add all codes of a file with the columns pool (its short code), code and last day, which may be empty.
    Codes that are there already are passed over and listed in the report, or fail the import."""
    return await start_import(
        work.session,
        CODES_IMPORT,
        wanted,
        work.caller,
        language=preferred_language(accept_language),
        now=utc_now(),
    )


@router.get(
    "/code-pools/imports/{id}",
    summary="Read an import of codes",
    responses=problem_responses(importing.ImportNotFound),
)
async def read_code_import(
    work: Reading,
    id: IdInPath,  # noqa: A002
    accept_language: AcceptLanguage = None,
) -> ImportRead:
    """State, progress, counts and the first faults; the whole report is a file."""
    return await read_import(work.session, CODES_IMPORT, id, preferred_language(accept_language))


@router.get(
    "/code-pools/{pool_id}",
    summary="Read a pool of codes",
    responses=problem_responses(problems.PoolNotFound),
)
async def read_code_pool(work: Reading, response: Response, pool_id: IdInPath) -> PoolRead:
    """One pool by id, with the `ETag` that a change needs."""
    pool = await pools.find(work.session, pool_id)
    response.headers["ETag"] = etag(pool)
    return (await pools.shown(work.session, [pool]))[0]


@router.patch(
    "/code-pools/{pool_id}",
    summary="Change a pool of codes",
    responses=problem_responses(problems.PoolNotFound, ChangedMeanwhile),
)
async def change_code_pool(
    work: Writing, response: Response, pool_id: IdInPath, if_match: IfMatch, wanted: PoolUpdate
) -> PoolRead:
    """Change what is given, or close the pool."""
    pool = await pools.change(work.session, pool_id, if_match, wanted)
    response.headers["ETag"] = etag(pool)
    return (await pools.shown(work.session, [pool]))[0]


@router.post(
    "/code-pools/{pool_id}/generation",
    status_code=201,
    summary="Generate codes",
    responses=problem_responses(problems.PoolNotFound),
)
async def generate_codes(work: Writing, pool_id: IdInPath, wanted: CodesWanted) -> CodesAdded:
    """Add codes that nobody can guess, in characters that aren't mistaken for others, the last a check."""
    return await pools.generate(work.session, pool_id, wanted)


@router.get(
    "/code-pools/{pool_id}/codes",
    summary="List a pool's codes",
    responses=problem_responses(problems.PoolNotFound),
)
async def list_codes(
    work: Reading, pool_id: IdInPath, query: Annotated[CodeQuery, Query()]
) -> Page[CodeBrief]:
    """Where each code stands and who has it; the codes themselves are shown to their owners only."""
    return await logic.read_codes(work.session, pool_id, query)


@router.post(
    "/code-pools/{pool_id}/gifts",
    status_code=201,
    summary="Give a member a code",
    responses=problem_responses(problems.PoolNotFound, MemberNotFound, problems.PoolEmpty),
)
async def give_code(work: Writing, pool_id: IdInPath, wanted: CodeGift) -> CodeBrief:
    """Give a code by hand; it is texted to the member, and shown to nobody else."""
    return await logic.give(work.session, pool_id, wanted.member_id)


@router.post(
    "/code-pools/{pool_id}/uses",
    status_code=201,
    summary="Use a code",
    responses=problem_responses(problems.PoolNotFound, problems.CodeNotFound, problems.CodeOver),
)
async def use_code(work: Acting, pool_id: IdInPath, wanted: CodeUse) -> CodeBrief:
    """Take a code in that a member shows at a counter or site; once."""
    return await logic.use(work.session, pool_id, wanted.code)


@router.post(
    "/discount-codes/{code_id}/withdrawal",
    status_code=201,
    summary="Withdraw a code",
    responses=problem_responses(problems.CodeNotFound, problems.CodeOver),
)
async def withdraw_code(work: Writing, code_id: IdInPath) -> CodeBrief:
    """Make a free or given code useless."""
    return await logic.withdraw(work.session, code_id)


@router.get(
    "/members/{member_id}/discount-codes",
    summary="List a member's own codes",
    responses=problem_responses(MemberNotFound),
)
async def list_own_codes(
    work: ReadingOwn, member_id: IdInPath, query: Annotated[OwnCodeQuery, Query()]
) -> Page[CodeRead]:
    """The codes that a member was given, to be shown to that member only."""
    return await logic.read_own(work.session, member_id, query)
