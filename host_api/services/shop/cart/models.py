"""The table of carts."""

from sqlalchemy import ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Whole


class ShopCartLine(InProgramme, Base):
    """So many of an item in a member's cart; `slot_id` is 0 where there is no time."""

    __tablename__ = "shop_cart_lines"
    __table_args__ = (
        UniqueConstraint("programme_id", "member_id", "item_id", "slot_id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    member_id: Mapped[Whole]
    item_id: Mapped[Whole] = mapped_column(ForeignKey("shop_items.id"))
    slot_id: Mapped[Whole]
    quantity: Mapped[int] = mapped_column(Integer)
