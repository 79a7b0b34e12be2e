"""Where terminals stand, as their records on the switch have it; and who has to know when that changes.

Whoever changes what depends on a place holds its merchant (`hold`) until the transaction ends, and so does
this service where a merchant or branch changes: of two at once the second sees what the first has done.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from host_api.core.database import AnySession, WriteSession
from host_api.services.merchants.branch_schemas import BranchStatus
from host_api.services.merchants.models import Branch, Merchant
from host_api.services.merchants.schemas import MerchantStatus


@dataclass(frozen=True, slots=True)
class Place:
    """A branch and what its merchant gives it.

    Attributes:
        merchant: the merchant's id.
        merchant_id: field 42.
    """

    branch_id: int
    branch_number: int
    branch_status: BranchStatus
    merchant: int
    merchant_id: str
    merchant_name: str
    merchant_status: MerchantStatus
    guild: str | None
    sector: str | None
    city_code: str | None

    @property
    def is_accepting(self) -> bool:
        """Whether cards are accepted there."""
        return self.branch_status is BranchStatus.OPEN and self.merchant_status is MerchantStatus.ACTIVE

    @property
    def is_closed(self) -> bool:
        """Whether nothing will be there any more."""
        return self.branch_status is BranchStatus.CLOSED or self.merchant_status is MerchantStatus.CLOSED


Follower = Callable[[WriteSession, Sequence[int]], Awaitable[None]]

_followers: list[Follower] = []


def follow_places(follower: Follower) -> Follower:
    """Have `follower` called, in the transaction of the change, with the ids of branches that changed.

    A service above this one declares it beside its logic, so that what it has told the switch follows.
    """
    _followers.append(follower)
    return follower


async def tell_followers(session: WriteSession, branch_ids: Sequence[int]) -> None:
    """Have everybody know that these branches, or their merchants, are others than they were."""
    await session.flush()
    for follower in _followers:
        await follower(session, branch_ids)


async def read_places(session: AnySession, branch_ids: Collection[int]) -> Mapping[int, Place]:
    """The places of these branches; unknown ids are left out."""
    rows = await session.scalars(
        select(Branch)
        .where(Branch.id.in_(list(branch_ids)))
        .options(joinedload(Branch.merchant))
        .execution_options(populate_existing=isinstance(session, WriteSession))
    )
    return {branch.id: _place(branch) for branch in rows}


async def hold_places(session: WriteSession, branch_ids: Collection[int]) -> Mapping[int, Place]:
    """The same, whose merchants nobody else changes until the transaction ends."""
    await session.flush()
    keys = select(Branch.merchant_key).where(Branch.id.in_(list(branch_ids)))
    # In the order of their ids, so that no two wait for one another.
    await session.execute(
        select(Merchant.id).where(Merchant.id.in_(keys)).order_by(Merchant.id).with_for_update()
    )
    return await read_places(session, branch_ids)


def _place(branch: Branch) -> Place:
    merchant = branch.merchant
    return Place(
        branch_id=branch.id,
        branch_number=branch.branch_number,
        branch_status=BranchStatus(branch.status),
        merchant=merchant.id,
        merchant_id=merchant.merchant_id,
        merchant_name=merchant.name,
        merchant_status=MerchantStatus(merchant.status),
        guild=merchant.guild,
        sector=merchant.sector,
        city_code=branch.city_code,
    )
