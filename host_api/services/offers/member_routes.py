"""Endpoints of offers, as an app, a site or a counter works with them for a member."""

from typing import Annotated

from fastapi import APIRouter, Path

from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import LARGEST_ID, IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.discount_codes.problems import PoolEmpty, PoolNotFound
from host_api.services.draws import publication
from host_api.services.draws.problems import DrawPartNotFound
from host_api.services.draws.schemas import DrawPartRead, DrawProofsRead, DrawRead
from host_api.services.members.logic import MemberNotFound
from host_api.services.offers import access, claims, drawing, passages, privileges, problems
from host_api.services.offers.passages import Passage, PassagePolicyRead, PassagePolicyUpdate, PassageRead
from host_api.services.offers.privileges import PrivilegesRead
from host_api.services.offers.schemas import MemberChosen, OfferedRead, UseWanted
from host_api.services.offers.suggestions import logic as suggestions
from host_api.services.offers.suggestions.schemas import (
    MemberSuggestionsRead,
    SuggestionPolicyRead,
    SuggestionPolicyUpdate,
)
from host_api.services.prizes.problems import PrizeGone, PrizeNotFound

router = APIRouter(tags=["offers"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Passing = Annotated[WriteWork, writes(access.PASS_BY)]
ReadingPlaces = Annotated[ReadWork, reads(access.READ_LOCATION)]
WritingPlaces = Annotated[WriteWork, writes(access.WRITE_LOCATION)]
ReadingSuggestions = Annotated[ReadWork, reads(access.READ_SUGGESTIONS)]
WritingSuggestions = Annotated[WriteWork, writes(access.WRITE_SUGGESTIONS)]

PartInPath = Annotated[int, Path(ge=0, le=LARGEST_ID)]

_DRAWN = problem_responses(problems.OfferNotFound, problems.OfferNotDrawn)
_HAVING = (problems.OfferNotFound, problems.OfferNotOpen, problems.OfferNotForMember, MemberNotFound)


@router.get("/offers/{offer_id}/draw", summary="Read the public page of an offer's draw", responses=_DRAWN)
async def read_offer_draw(work: Reading, offer_id: IdInPath) -> DrawRead:
    """The commitment, and after the draw all that is needed to check it."""
    draw_id = await drawing.draw_of(work.session, offer_id)
    return await publication.shown(work.session, work.cipher, draw_id)


@router.get(
    "/offers/{offer_id}/draw/list/{part}",
    summary="Read the published list of an offer's draw",
    responses=problem_responses(problems.OfferNotFound, problems.OfferNotDrawn, DrawPartNotFound),
)
async def read_offer_draw_list(work: Reading, offer_id: IdInPath, part: PartInPath) -> DrawPartRead:
    """1,024 lines of the closed list: members by names that only they know to be theirs."""
    return await publication.part(work.session, await drawing.draw_of(work.session, offer_id), part)


@router.get(
    "/offers/{offer_id}/draw/members/{member_id}/proofs",
    summary="Read the proof that a member is in an offer's draw",
    responses=_DRAWN,
)
async def read_offer_draw_proofs(work: Reading, offer_id: IdInPath, member_id: IdInPath) -> DrawProofsRead:
    """The member's line, and the hashes that lead from it to the published digest."""
    draw_id = await drawing.draw_of(work.session, offer_id)
    return await publication.proofs(work.session, draw_id, member_id)


@router.post(
    "/offers/{offer_id}/openings",
    status_code=201,
    summary="Open an offer for a member",
    responses=problem_responses(*_HAVING),
)
async def open_offer(work: Acting, offer_id: IdInPath, wanted: MemberChosen) -> OfferedRead:
    """Note that the member looks at it, the first time."""
    return await claims.open_offer(work.session, offer_id, wanted.member_id, utc_now())


@router.post(
    "/offers/{offer_id}/claims",
    status_code=201,
    summary="Claim an offer for a member",
    responses=problem_responses(
        *_HAVING,
        *(problems.OfferClaimedAlready, problems.OfferGone),
        *(PrizeNotFound, PrizeGone, PoolNotFound, PoolEmpty),
    ),
)
async def claim_offer(work: Acting, offer_id: IdInPath, wanted: MemberChosen) -> OfferedRead:
    """Take it from the stock: a gift is given, a code is drawn, a rule holds from now on."""
    return await claims.claim(work.session, offer_id, wanted.member_id, work.caller, utc_now())


@router.post(
    "/offers/{offer_id}/uses",
    status_code=201,
    summary="Use a claimed offer",
    responses=problem_responses(
        problems.OfferNotFound, problems.OfferNotOpen, problems.OfferNotClaimed, problems.OfferElsewhere
    ),
)
async def use_offer(work: Acting, offer_id: IdInPath, wanted: UseWanted) -> OfferedRead:
    """Note it at a counter; what a rule gives at a till is noted by itself."""
    return await claims.use(work.session, offer_id, wanted, utc_now())


@router.get(
    "/members/{member_id}/privileges",
    summary="Read a member's privileges",
    responses=problem_responses(MemberNotFound),
)
async def read_privileges(work: Reading, member_id: IdInPath) -> PrivilegesRead:
    """Fast checkout, parking and the like, as the member's tier or group stands now."""
    return await privileges.of_member(work.session, member_id, utc_now())


@router.post(
    "/offers/passages",
    status_code=201,
    summary="Tell that a member passes by",
    responses=problem_responses(MemberNotFound, problems.OfferNotForMember),
)
async def tell_passage(work: Passing, passage: Passage) -> PassageRead:
    """Which offers are near; at most one message is sent. The place is not kept."""
    return await passages.passes(work.session, passage, utc_now())


@router.get("/location-offer-policy", summary="Read the policy of offers at a place")
async def read_passage_policy(work: ReadingPlaces) -> PassagePolicyRead:
    """How often, and in which hours, members hear of offers in passing."""
    return await passages.read_policy(work.session)


@router.patch(
    "/location-offer-policy",
    summary="Change the policy of offers at a place",
    responses=problem_responses(ChangedMeanwhile),
)
async def change_passage_policy(
    work: WritingPlaces, if_match: IfMatch, wanted: PassagePolicyUpdate
) -> PassagePolicyRead:
    """Change what is given; `If-Match` is the policy's `version` in quotes."""
    return await passages.change_policy(work.session, if_match, wanted)


@router.get(
    "/members/{member_id}/suggestions",
    summary="Read what suits a member",
    responses=problem_responses(MemberNotFound),
)
async def read_suggestions(work: ReadingSuggestions, member_id: IdInPath) -> MemberSuggestionsRead:
    """All offers that the member can have now, the best first, with reasons, and what the receipt says."""
    return await suggestions.of_member(work.session, member_id, utc_now())


@router.get("/suggestion-policy", summary="Read the suggester's weights")
async def read_suggestion_policy(work: ReadingSuggestions) -> SuggestionPolicyRead:
    """Weights and periods."""
    return await suggestions.read_policy(work.session)


@router.patch(
    "/suggestion-policy",
    summary="Change the suggester's weights",
    responses=problem_responses(ChangedMeanwhile),
)
async def change_suggestion_policy(
    work: WritingSuggestions, if_match: IfMatch, wanted: SuggestionPolicyUpdate
) -> SuggestionPolicyRead:
    """Change what is given; `If-Match` is the policy's `version` in quotes."""
    return await suggestions.change_policy(work.session, if_match, wanted)
