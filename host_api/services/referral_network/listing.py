"""How what the network has is listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.referral_network.models import (
    IncomeLine,
    NetworkChange,
    NetworkMove,
    NetworkPayout,
    NetworkPlace,
    NetworkPolicy,
)
from host_api.services.referral_network.policy_schemas import NetworkPolicyState
from host_api.services.referral_network.schemas import NetworkChangeKind, NetworkMoveState, NetworkPayoutState
from host_api.services.referral_network.scoring import IncomeKind


class NetworkSort(StrEnum):
    """Orders of what has numbers."""

    LATEST = "-id"
    ID = "id"


class NetworkMemberSort(StrEnum):
    """Orders of members."""

    ID = "id"


class PolicyQuery(ListQuery):
    """Which policies."""

    sorts: ClassVar[dict[str, Column]] = {"id": NetworkPolicy.id}

    sort: NetworkSort = NetworkSort.LATEST
    state: Annotated[NetworkPolicyState | None, Equals(NetworkPolicy.state)] = None


class MoveQuery(ListQuery):
    """Which moves."""

    sorts: ClassVar[dict[str, Column]] = {"id": NetworkMove.id}

    sort: NetworkSort = NetworkSort.LATEST
    state: Annotated[NetworkMoveState | None, Equals(NetworkMove.state)] = None
    member_id: Annotated[int | None, Equals(NetworkMove.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)


class ChangeQuery(ListQuery):
    """Which changes."""

    sorts: ClassVar[dict[str, Column]] = {"id": NetworkChange.id}

    sort: NetworkSort = NetworkSort.LATEST
    kind: Annotated[NetworkChangeKind | None, Equals(NetworkChange.kind)] = None
    member_id: Annotated[int | None, Equals(NetworkChange.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    at_from: Annotated[AwareDatetime | None, AtLeast(NetworkChange.at)] = None
    at_before: Annotated[AwareDatetime | None, Below(NetworkChange.at)] = None


class PayoutQuery(ListQuery):
    """Which payouts."""

    sorts: ClassVar[dict[str, Column]] = {"id": NetworkPayout.id}

    sort: NetworkSort = NetworkSort.LATEST
    state: Annotated[NetworkPayoutState | None, Equals(NetworkPayout.state)] = None
    member_id: Annotated[int | None, Equals(NetworkPayout.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )


class IncomeQuery(ListQuery):
    """Which lines of a member's income."""

    sorts: ClassVar[dict[str, Column]] = {"id": IncomeLine.id}

    sort: NetworkSort = NetworkSort.LATEST
    kind: Annotated[IncomeKind | None, Equals(IncomeLine.kind)] = None
    level: Annotated[int | None, Equals(IncomeLine.level)] = Field(default=None, ge=0, le=20)
    at_from: Annotated[AwareDatetime | None, AtLeast(IncomeLine.at)] = None
    at_before: Annotated[AwareDatetime | None, Below(IncomeLine.at)] = None


class BranchQuery(ListQuery):
    """Which of a member's branches."""

    sorts: ClassVar[dict[str, Column]] = {"id": NetworkPlace.member_id}

    sort: NetworkMemberSort = NetworkMemberSort.ID
