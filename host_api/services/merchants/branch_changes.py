"""Opening, changing, moving and closing branches."""

from collections.abc import Sequence

from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.locking import check_version
from host_api.services.merchants import places, repository
from host_api.services.merchants.branch_schemas import (
    BranchCreate,
    BranchStatus,
    BranchUpdate,
    Location,
    OpeningHours,
)
from host_api.services.merchants.events import BRANCH_CHANGED, BRANCH_OPENED, BranchChanged, BranchOpened
from host_api.services.merchants.logic import (
    MICRODEGREES,
    MerchantClosed,
    MerchantNotFound,
    find_branch,
)
from host_api.services.merchants.models import Branch
from host_api.services.merchants.schemas import MerchantStatus

_HIGHEST_BRANCH_NUMBER = 999_999


class BranchNumbersUsedUp(Problem):
    """The merchant has as many branches as six digits can number."""

    status = 409
    code = "branch-numbers-used-up"
    title = "No branch number left"
    title_fa = "شمارهٔ شعبه تمام شده است"
    detail = "This merchant has no branch number left."
    detail_fa = "برای این پذیرنده شمارهٔ شعبهٔ آزادی نمانده است."


class BranchClosed(Problem):
    """What is closed stays so."""

    status = 409
    code = "branch-closed"
    title = "Branch closed"
    title_fa = "شعبه بسته شده است"
    detail = "This branch has been closed, for good; open another one."
    detail_fa = "این شعبه برای همیشه بسته شده است؛ شعبهٔ دیگری باز کنید."


async def create_branch(session: WriteSession, merchant_key: int, wanted: BranchCreate) -> Branch:
    """Store a new branch under the merchant's next number.

    Raises:
        MerchantNotFound, MerchantClosed, BranchNumbersUsedUp
    """
    merchant = await repository.lock_merchant(session, merchant_key)
    if merchant is None:
        raise MerchantNotFound
    if merchant.status == MerchantStatus.CLOSED:
        raise MerchantClosed
    number = await repository.highest_branch_number(session, merchant_key) + 1
    if number > _HIGHEST_BRANCH_NUMBER:
        raise BranchNumbersUsedUp
    branch = Branch(
        merchant=merchant,
        branch_number=number,
        name=wanted.name,
        status=BranchStatus.OPEN.value,
        city=wanted.city,
        city_code=wanted.city_code,
        address=wanted.address,
        opening_hours=_hours(wanted.opening_hours),
        tags=wanted.tags,
        created_at=utc_now(),
    )
    _locate(branch, wanted.location)
    await repository.add(session, branch)
    emit(
        session,
        BRANCH_OPENED,
        Subject("branch", branch.id),
        BranchOpened(
            id=branch.id, merchant=merchant.id, merchant_id=merchant.merchant_id, branch_number=number
        ),
    )
    return branch


async def change_branch(session: WriteSession, branch_id: int, if_match: str, wanted: BranchUpdate) -> Branch:
    """Change, move or close a branch; the records of its terminals follow.

    Raises:
        BranchNotFound, ChangedMeanwhile, BranchClosed
    """
    await places.hold_places(session, [branch_id])
    branch = await find_branch(session, branch_id)
    check_version(branch, if_match)
    status, city_code, place = branch.status, branch.city_code, _place_of(branch)
    if wanted.status is not None and wanted.status != branch.status:
        if branch.status == BranchStatus.CLOSED:
            raise BranchClosed
        branch.status = wanted.status.value
    if wanted.name is not None:
        branch.name = wanted.name
    given = wanted.model_fields_set
    for name in ("city", "city_code", "address"):
        if name in given:
            setattr(branch, name, getattr(wanted, name))
    if "location" in given:
        _locate(branch, wanted.location)
    if "opening_hours" in given:
        branch.opening_hours = _hours(wanted.opening_hours or [])
    if "tags" in given:
        branch.tags = wanted.tags or []
    await session.flush()
    has_moved = _place_of(branch) != place
    if has_moved or branch.status != status:
        changed = BranchChanged(
            id=branch.id,
            merchant=branch.merchant_key,
            merchant_id=branch.merchant.merchant_id,
            branch_number=branch.branch_number,
            status=BranchStatus(branch.status),
            has_moved=has_moved,
        )
        emit(session, BRANCH_CHANGED, Subject("branch", branch.id), changed)
    if (branch.status, branch.city_code) != (status, city_code):
        await places.tell_followers(session, [branch.id])
    return branch


def _place_of(branch: Branch) -> tuple[str | int | None, ...]:
    return (
        branch.city,
        branch.city_code,
        branch.address,
        branch.latitude_microdegrees,
        branch.longitude_microdegrees,
    )


def _hours(hours: Sequence[OpeningHours]) -> list[dict[str, object]]:
    return [entry.model_dump(by_alias=True) for entry in hours]


def _locate(branch: Branch, location: Location | None) -> None:
    branch.latitude_microdegrees = None if location is None else round(location.latitude * MICRODEGREES)
    branch.longitude_microdegrees = None if location is None else round(location.longitude * MICRODEGREES)
