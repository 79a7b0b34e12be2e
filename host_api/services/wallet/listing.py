"""How acts on wallets are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.wallet.models import WalletAct
from host_api.services.wallet.schemas import WalletActKind, WalletActState


class WalletActSort(StrEnum):
    """Orders by time."""

    LATEST = "-id"
    ID = "id"


class WalletActQuery(ListQuery):
    """Which acts, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": WalletAct.id}

    sort: WalletActSort = WalletActSort.LATEST
    member_id: Annotated[int | None, Equals(WalletAct.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    kind: Annotated[WalletActKind | None, Equals(WalletAct.kind)] = None
    state: Annotated[WalletActState | None, Equals(WalletAct.state)] = Field(
        default=None, description="`asked` are transfers that wait for a second person."
    )
    merchant_id: Annotated[str | None, Equals(WalletAct.merchant_id)] = Field(default=None, max_length=15)
    bank_reference: Annotated[str | None, Equals(WalletAct.bank_reference)] = Field(
        default=None, max_length=40
    )
    begin: Annotated[AwareDatetime | None, AtLeast(WalletAct.asked_at)] = Field(
        default=None, alias="from", description="From this instant on (ISO 8601 with offset)."
    )
    end: Annotated[AwareDatetime | None, Below(WalletAct.asked_at)] = Field(
        default=None, alias="to", description="Before this instant (ISO 8601 with offset)."
    )
