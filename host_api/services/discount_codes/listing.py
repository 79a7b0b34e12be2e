"""How pools and codes are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.discount_codes.models import CodePool, DiscountCode
from host_api.services.discount_codes.schemas import CodeState


class PoolSort(StrEnum):
    """Orders of pools."""

    ID = "id"
    LATEST = "-id"
    CODE = "code"


class PoolQuery(ListQuery):
    """Which pools, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": CodePool.id, "code": CodePool.code}

    sort: PoolSort = PoolSort.ID
    is_open: Annotated[bool | None, Equals(CodePool.is_open)] = None
    is_low: Annotated[bool | None, Equals(CodePool.is_low)] = Field(
        default=None, description="Only pools that run low."
    )


class CodeSort(StrEnum):
    """Orders of codes."""

    LATEST = "-id"
    ID = "id"


class CodeQuery(ListQuery):
    """Which codes of a pool, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": DiscountCode.id}

    sort: CodeSort = CodeSort.ID
    state: Annotated[CodeState | None, Equals(DiscountCode.state)] = None
    member_id: Annotated[int | None, Equals(DiscountCode.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )


class OwnCodeQuery(ListQuery):
    """Which of a member's codes, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": DiscountCode.id}

    sort: CodeSort = CodeSort.LATEST
    state: Annotated[CodeState | None, Equals(DiscountCode.state)] = None
