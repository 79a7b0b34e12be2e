"""Endpoints of what belongs to one member: identities and special days; and of the kinds of identities."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members import access, changes, logic
from host_api.services.members.activity import logic as activity
from host_api.services.members.activity.logic import ThresholdsRead, ThresholdsUpdate
from host_api.services.members.identities import logic as identities
from host_api.services.members.identities import problems
from host_api.services.members.identities.kinds import KIND_PATTERN
from host_api.services.members.identities.schemas import (
    IdentityCreate,
    IdentityKindCreate,
    IdentityKindRead,
    IdentityKindUpdate,
    IdentityRead,
)
from host_api.services.members.special_days import logic as special_days
from host_api.services.members.special_days.schemas import KindInPath, SpecialDayRead, SpecialDayWrite

router = APIRouter(tags=["members"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
IdentityKindInPath = Annotated[str, Path(pattern=KIND_PATTERN, examples=["employee_number"])]


@router.get(
    "/members/{member_id}/identities",
    summary="List a member's identities",
    responses=problem_responses(logic.MemberNotFound),
)
async def list_identities(work: Reading, member_id: IdInPath) -> list[IdentityRead]:
    """All that the member is known by, in the order given; the first of a kind is the one that lists show."""
    await logic.find(work.session, member_id)
    return await identities.of_member(work.session, work.cipher, member_id)


@router.post(
    "/members/{member_id}/identities",
    status_code=201,
    summary="Add an identity",
    responses=problem_responses(
        logic.MemberNotFound,
        problems.IdentityKindNotFound,
        problems.IdentityMalformed,
        problems.IdentityTaken,
        problems.TooManyIdentities,
    ),
)
async def add_identity(work: Writing, member_id: IdInPath, wanted: IdentityCreate) -> IdentityRead:
    """Let the member be found by a further identity; one that they have already is given back."""
    await logic.lock(work.session, member_id)
    return await identities.add(work.session, work.cipher, member_id, wanted)


@router.delete(
    "/members/{member_id}/identities/{identity_id}",
    status_code=204,
    summary="Remove an identity",
    responses=problem_responses(logic.MemberNotFound, problems.IdentityNotFound),
)
async def remove_identity(work: Writing, member_id: IdInPath, identity_id: IdInPath) -> None:
    """Take an identity away from the member."""
    await logic.lock(work.session, member_id)
    await identities.remove(work.session, member_id, identity_id)


@router.get(
    "/members/{member_id}/special-days",
    summary="List a member's special days",
    responses=problem_responses(logic.MemberNotFound),
)
async def list_special_days(work: Reading, member_id: IdInPath) -> list[SpecialDayRead]:
    """Birthday, wedding anniversary and other days that come round each year."""
    await logic.find(work.session, member_id)
    return await special_days.of_member(work.session, work.cipher, member_id)


@router.put(
    "/members/{member_id}/special-days/{kind}",
    summary="Set a special day",
    responses=problem_responses(logic.MemberNotFound, special_days.TooManySpecialDays, ChangedMeanwhile),
)
async def put_special_day(
    work: Writing, member_id: IdInPath, kind: KindInPath, wanted: SpecialDayWrite
) -> SpecialDayRead:
    """Keep a day that comes round in the calendar given: 30 Esfand and 29 February on the day before in years
    without them. `birthday` is also the day of birth."""
    return await changes.put_special_day(work.session, work.cipher, member_id, kind, wanted)


@router.delete(
    "/members/{member_id}/special-days/{kind}",
    status_code=204,
    summary="Remove a special day",
    responses=problem_responses(logic.MemberNotFound, special_days.SpecialDayNotFound),
)
async def remove_special_day(work: Writing, member_id: IdInPath, kind: KindInPath) -> None:
    """Forget the day; the birthday with the day of birth."""
    await changes.remove_special_day(work.session, work.cipher, member_id, kind)


@router.get("/member-identity-kinds", summary="List kinds of identities")
async def list_identity_kinds(work: Reading) -> list[IdentityKindRead]:
    """Built-in kinds and those of the club's own, with the policy of each."""
    return await identities.read_kinds(work.session)


@router.post(
    "/member-identity-kinds",
    status_code=201,
    summary="Add a kind of identity",
    responses=problem_responses(problems.IdentityKindTaken),
)
async def create_identity_kind(
    work: Writing, response: Response, wanted: IdentityKindCreate
) -> IdentityKindRead:
    """Add a kind of the club's own, such as the number of a library card."""
    kind = await identities.create_kind(work.session, wanted)
    response.headers["ETag"] = f'"{kind.version}"'
    return kind


@router.patch(
    "/member-identity-kinds/{kind}",
    summary="Change a kind of identity",
    responses=problem_responses(
        problems.IdentityKindNotFound, problems.IdentitiesNotUnique, ChangedMeanwhile
    ),
)
async def change_identity_kind(
    work: Writing,
    response: Response,
    kind: IdentityKindInPath,
    if_match: IfMatch,
    wanted: IdentityKindUpdate,
) -> IdentityKindRead:
    """Change titles or policy. A kind becomes unique only where no two members share a value."""
    changed = await identities.change_kind(work.session, kind, if_match, wanted)
    response.headers["ETag"] = f'"{changed.version}"'
    return changed


@router.get("/member-activity-thresholds", summary="Read the thresholds of activity")
async def read_thresholds(work: Reading, response: Response) -> ThresholdsRead:
    """When the programme calls its members active, lapsing, inactive or new; counted each night."""
    thresholds = activity.shown(await activity.thresholds_of(work.session))
    response.headers["ETag"] = f'"{thresholds.version}"'
    return thresholds


@router.patch(
    "/member-activity-thresholds",
    summary="Change the thresholds of activity",
    responses=problem_responses(ChangedMeanwhile, activity.ThresholdsOutOfOrder),
)
async def change_thresholds(
    work: Writing, response: Response, if_match: IfMatch, wanted: ThresholdsUpdate
) -> ThresholdsRead:
    """Change what is given; the next night counts by it."""
    thresholds = activity.shown(await activity.change_thresholds(work.session, if_match, wanted))
    response.headers["ETag"] = f'"{thresholds.version}"'
    return thresholds
