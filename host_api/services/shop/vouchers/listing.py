"""How vouchers and redemptions are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.shop.vouchers.models import ShopVoucher, VoucherRedemption


class VoucherSort(StrEnum):
    """Orders of vouchers and redemptions."""

    LATEST = "-id"
    ID = "id"


class OwnVoucherQuery(ListQuery):
    """Which of a member's vouchers, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": ShopVoucher.id}

    sort: VoucherSort = VoucherSort.LATEST


class VoucherQuery(OwnVoucherQuery):
    """Which vouchers, in which order."""

    member_id: Annotated[int | None, Equals(ShopVoucher.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    line_id: Annotated[int | None, Equals(ShopVoucher.line_id)] = Field(default=None, ge=1, le=LARGEST_ID)


class RedemptionQuery(ListQuery):
    """Which redemptions, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": VoucherRedemption.id}

    sort: VoucherSort = VoucherSort.LATEST
    voucher_id: Annotated[int | None, Equals(VoucherRedemption.voucher_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    merchant_id: Annotated[str | None, Equals(VoucherRedemption.merchant_id)] = Field(
        default=None, max_length=15, pattern=r"^[A-Za-z0-9-]+$"
    )
    redeemed_from: Annotated[AwareDatetime | None, AtLeast(VoucherRedemption.redeemed_at)] = None
    redeemed_before: Annotated[AwareDatetime | None, Below(VoucherRedemption.redeemed_at)] = None
