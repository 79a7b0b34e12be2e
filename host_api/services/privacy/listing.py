"""How exports and erasings are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.privacy.models import PrivacyRequest
from host_api.services.privacy.schemas import PrivacyKind, PrivacyState


class PrivacySort(StrEnum):
    """Orders of requests."""

    LATEST = "-id"
    ID = "id"


class PrivacyQuery(ListQuery):
    """Which requests, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": PrivacyRequest.id}

    sort: PrivacySort = Field(
        default=PrivacySort.LATEST, description="The latest first unless asked otherwise."
    )
    kind: Annotated[PrivacyKind | None, Equals(PrivacyRequest.kind)] = None
    state: Annotated[PrivacyState | None, Equals(PrivacyRequest.state)] = Field(
        default=None, description="`asked` are those that wait for a second person."
    )
    member_id: Annotated[int | None, Equals(PrivacyRequest.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    asked_from: Annotated[AwareDatetime | None, AtLeast(PrivacyRequest.asked_at)] = None
    asked_before: Annotated[AwareDatetime | None, Below(PrivacyRequest.asked_at)] = None
