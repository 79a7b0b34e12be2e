"""How agreements, versions and acceptances are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.agreements.models import Agreement, AgreementAcceptance, AgreementVersion
from host_api.services.agreements.schemas import AcceptanceChannel, AgreementVersionState, Party


class AgreementSort(StrEnum):
    """Orders of agreements, versions and acceptances."""

    LATEST = "-id"
    ID = "id"


class AgreementQuery(ListQuery):
    """Which agreements, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Agreement.id}

    sort: AgreementSort = AgreementSort.ID
    code: Annotated[str | None, Equals(Agreement.code)] = Field(default=None, max_length=16)
    party: Annotated[Party | None, Equals(Agreement.party)] = None
    is_retired: Annotated[bool | None, Equals(Agreement.is_retired)] = None


class AgreementVersionQuery(ListQuery):
    """Which texts, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": AgreementVersion.id}

    sort: AgreementSort = AgreementSort.LATEST
    agreement_id: Annotated[int | None, Equals(AgreementVersion.agreement_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    state: Annotated[AgreementVersionState | None, Equals(AgreementVersion.state)] = None


class AcceptanceQuery(ListQuery):
    """Which acceptances, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": AgreementAcceptance.id}

    sort: AgreementSort = AgreementSort.LATEST
    agreement_id: Annotated[int | None, Equals(AgreementAcceptance.agreement_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    version_id: Annotated[int | None, Equals(AgreementAcceptance.version_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    member_id: Annotated[int | None, Equals(AgreementAcceptance.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    merchant_key: Annotated[int | None, Equals(AgreementAcceptance.merchant_key)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    channel: Annotated[AcceptanceChannel | None, Equals(AgreementAcceptance.channel)] = None
    accepted_from: Annotated[AwareDatetime | None, AtLeast(AgreementAcceptance.accepted_at)] = None
    accepted_before: Annotated[AwareDatetime | None, Below(AgreementAcceptance.accepted_at)] = None
