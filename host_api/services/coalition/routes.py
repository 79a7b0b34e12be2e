"""Endpoints of clubs, contracts, links and letters."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import LARGEST_ID, IdInPath
from host_api.core.second_person import AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.coalition import access, clubs, contracts, links, mailbox, problems, taking
from host_api.services.coalition.listing import ClubContractQuery, ClubLinkQuery, ClubQuery
from host_api.services.coalition.schemas import (
    ClubContractCreate,
    ClubContractRead,
    ClubLetters,
    ClubLettersTaken,
    ClubLinkCreate,
    ClubLinkRead,
    CreditLimitUpdate,
    LinkCodeCreate,
    LinkCodeRead,
    PartnerClubCreate,
    PartnerClubRead,
    PartnerClubUpdate,
)

router = APIRouter(prefix="/coalition", tags=["coalition"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Fetching = Annotated[ReadWork, reads(access.CARRY)]
Bringing = Annotated[WriteWork, writes(access.CARRY)]
# Whoever carries letters by hand can write them, too.
Copying = Annotated[ReadWork, reads(access.WRITE)]
After = Annotated[int, Query(ge=0, le=LARGEST_ID, description="The last letter that the reader has.")]

_LETTERS = (problems.LettersOutOfOrder, problems.LetterNotUnderstood)


@router.post(
    "/clubs",
    status_code=201,
    summary="Add a partner club",
    responses=problem_responses(problems.ClubTaken, problems.ClubUnknownHere),
)
async def create_club(work: Writing, response: Response, wanted: PartnerClubCreate) -> PartnerClubRead:
    """A programme of this installation, or a foreign club with an API key. It may owe nothing at first."""
    row = await clubs.create(work.session, wanted)
    response.headers["ETag"] = etag(row)
    return await clubs.shown(work.session, row)


@router.get("/clubs", summary="List partner clubs")
async def list_clubs(work: Reading, query: Annotated[ClubQuery, Query()]) -> Page[PartnerClubRead]:
    """With what each owes, and how far its letters have come."""
    return await clubs.read_page(work.session, query)


@router.get(
    "/clubs/{club_id}", summary="Read a partner club", responses=problem_responses(problems.ClubNotFound)
)
async def read_club(work: Reading, response: Response, club_id: IdInPath) -> PartnerClubRead:
    """One club by id, with the `ETag` that a change needs."""
    row = await clubs.find(work.session, club_id)
    response.headers["ETag"] = etag(row)
    return await clubs.shown(work.session, row)


@router.patch(
    "/clubs/{club_id}",
    summary="Change a partner club",
    responses=problem_responses(problems.ClubNotFound, problems.ClubTaken, ChangedMeanwhile),
)
async def change_club(
    work: Writing, response: Response, club_id: IdInPath, if_match: IfMatch, wanted: PartnerClubUpdate
) -> PartnerClubRead:
    """With a club that is suspended nothing new begins; what is on its way goes to its end."""
    row = await clubs.change(work.session, club_id, if_match, wanted)
    response.headers["ETag"] = etag(row)
    return await clubs.shown(work.session, row)


@router.put(
    "/clubs/{club_id}/credit-limit",
    summary="Set what a partner club may owe",
    responses=problem_responses(problems.ClubNotFound, ChangedMeanwhile),
)
async def set_credit_limit(
    work: Deciding, response: Response, club_id: IdInPath, if_match: IfMatch, wanted: CreditLimitUpdate
) -> PartnerClubRead:
    """Exchanges from the club that would pass it are refused there and go back to the member."""
    row = await clubs.change(work.session, club_id, if_match, wanted)
    response.headers["ETag"] = etag(row)
    return await clubs.shown(work.session, row)


@router.get(
    "/clubs/{club_id}/letters",
    summary="Copy letters to a partner club",
    responses=problem_responses(problems.ClubNotFound),
)
async def copy_letters(work: Copying, club_id: IdInPath, after: After = 0) -> ClubLetters:
    """To be carried by hand as a file to a club that can't fetch them."""
    await clubs.find(work.session, club_id)
    return await mailbox.waiting(work.session, await clubs.account_of(work.session, club_id), after)


@router.post(
    "/clubs/{club_id}/letters",
    summary="Take in a partner club's letters",
    responses=problem_responses(problems.ClubNotFound, *_LETTERS),
)
async def take_letters(work: Writing, club_id: IdInPath, delivered: ClubLetters) -> ClubLettersTaken:
    """A file that was carried by hand; letters that were taken in before change nothing."""
    return await taking.take(work.session, club_id, delivered)


@router.get("/letters", summary="Fetch own letters", responses=problem_responses(problems.NotAClub))
async def fetch_letters(work: Fetching, after: After = 0) -> ClubLetters:
    """For a partner club's own API key: up to 100 in order, as `POST /coalition/letters` takes them."""
    club = await clubs.of_caller(work.session, work.caller)
    return await mailbox.waiting(work.session, await clubs.account_of(work.session, club.id), after)


@router.post(
    "/letters", summary="Bring own letters", responses=problem_responses(problems.NotAClub, *_LETTERS)
)
async def bring_letters(work: Bringing, delivered: ClubLetters) -> ClubLettersTaken:
    """For a partner club's own API key. Each letter is taken in once, in order; all of them or none."""
    club = await clubs.of_caller(work.session, work.caller)
    return await taking.take(work.session, club.id, delivered)


@router.post(
    "/contracts",
    status_code=201,
    summary="Ask for a contract with a club",
    responses=problem_responses(problems.ClubNotFound, problems.ClubNotOpen, problems.ClubContractCodeTaken),
)
async def ask_contract(work: Writing, wanted: ClubContractCreate) -> ClubContractRead:
    """A second person approves it, then the other club accepts it. It is never changed."""
    return await contracts.ask(work.session, work.caller, wanted)


@router.get("/contracts", summary="List contracts with clubs")
async def list_contracts(
    work: Reading, query: Annotated[ClubContractQuery, Query()]
) -> Page[ClubContractRead]:
    """In the order they came."""
    return await contracts.read_page(work.session, query)


@router.get(
    "/contracts/{contract_id}",
    summary="Read a contract with a club",
    responses=problem_responses(problems.ClubContractNotFound),
)
async def read_contract(work: Reading, contract_id: IdInPath) -> ClubContractRead:
    """One contract by id."""
    return await contracts.read(work.session, contract_id)


@router.post(
    "/contracts/{contract_id}/approval",
    summary="Approve or accept a contract with a club",
    responses=problem_responses(problems.ClubContractNotFound, problems.ClubNotOpen, AlreadyDecided, OwnAct),
)
async def approve_contract(work: Deciding, contract_id: IdInPath) -> ClubContractRead:
    """One of ours is then offered to the other club; one of theirs is in force at once."""
    return await contracts.approve(work.session, work.caller, contract_id)


@router.post(
    "/contracts/{contract_id}/rejection",
    summary="Turn a contract with a club down",
    responses=problem_responses(problems.ClubContractNotFound, AlreadyDecided, OwnAct),
)
async def reject_contract(work: Deciding, contract_id: IdInPath) -> ClubContractRead:
    """One of ours is never offered; one of theirs is refused."""
    return await contracts.reject(work.session, work.caller, contract_id)


@router.post(
    "/contracts/{contract_id}/end",
    summary="End a contract with a club",
    responses=problem_responses(problems.ClubContractNotFound, problems.ClubContractNotOpen),
)
async def end_contract(work: Deciding, contract_id: IdInPath) -> ClubContractRead:
    """For both clubs. Exchanges on their way are refused there and go back to the member."""
    return await contracts.end(work.session, contract_id)


@router.post(
    "/link-codes",
    status_code=201,
    summary="Give a member a code for another club",
    responses=problem_responses(problems.ClubMemberNotActive),
)
async def make_link_code(work: Acting, response: Response, wanted: LinkCodeCreate) -> LinkCodeRead:
    """Good for a quarter of an hour and one club."""
    response.headers["Cache-Control"] = "no-store"
    return await links.make_code(work.session, wanted)


@router.post(
    "/links",
    status_code=201,
    summary="Link a member with their record in a club",
    responses=problem_responses(
        problems.ClubNotFound, problems.ClubNotOpen, problems.ClubMemberNotActive, problems.ClubLinkExists
    ),
)
async def ask_link(work: Acting, wanted: ClubLinkCreate) -> ClubLinkRead:
    """By the code that the other club gave the member; it answers by letter."""
    return await links.ask(work.session, wanted)


@router.get("/links", summary="List members' links with clubs")
async def list_links(work: Reading, query: Annotated[ClubLinkQuery, Query()]) -> Page[ClubLinkRead]:
    """The latest first."""
    return await links.read_page(work.session, query)


@router.get(
    "/links/{link_id}",
    summary="Read a member's link with a club",
    responses=problem_responses(problems.ClubLinkNotFound),
)
async def read_link(work: Reading, link_id: IdInPath) -> ClubLinkRead:
    """One link by id."""
    return await links.read(work.session, link_id)


@router.post(
    "/links/{link_id}/end",
    summary="End a member's link with a club",
    responses=problem_responses(problems.ClubLinkNotFound),
)
async def end_link(work: Acting, link_id: IdInPath) -> ClubLinkRead:
    """In both clubs."""
    return await links.end(work.session, link_id)
