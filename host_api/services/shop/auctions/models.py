"""Tables of auctions."""

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class ShopAuction(InProgramme, Base):
    """One piece of an item for the highest bid; its row is the lock of all that happens to its bids.

    `ends_at` is put off by late bids, at most to `latest_end_at`. `leading_bid_id` and `units` are of the
    highest bid whose points are set aside.
    """

    __tablename__ = "shop_auctions"
    __table_args__ = (
        Index("ix_shop_auctions_programme_id_id", "programme_id", "id"),
        Index("ix_shop_auctions_programme_id_state_ends_at", "programme_id", "state", "ends_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    item_id: Mapped[Whole] = mapped_column(ForeignKey("shop_items.id"))
    purse: Mapped[int] = mapped_column(Integer)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    latest_end_at: Mapped[Instant]
    start_units: Mapped[Whole]
    step_units: Mapped[Whole]
    extend_within_s: Mapped[int] = mapped_column(Integer)
    extend_by_s: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(9))
    leading_bid_id: Mapped[Whole | None]
    units: Mapped[Whole]
    bids: Mapped[int] = mapped_column(Integer)
    order_id: Mapped[Whole | None] = mapped_column(ForeignKey("shop_orders.id"))
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    cancel_reason: Mapped[str | None] = mapped_column(String(200))


class ShopBid(InProgramme, Base):
    """A member's bid, a debit of its own. `attempts` counts the requests to give it back."""

    __tablename__ = "shop_bids"
    __table_args__ = (
        Index("ix_shop_bids_programme_id_id", "programme_id", "id"),
        Index("ix_shop_bids_programme_id_auction_id_id", "programme_id", "auction_id", "id"),
        Index("ix_shop_bids_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_shop_bids_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    auction_id: Mapped[Whole] = mapped_column(ForeignKey("shop_auctions.id"))
    member_id: Mapped[Whole]
    units: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(Integer)
    rrn: Mapped[str | None] = mapped_column(String(12))
    response_code: Mapped[str | None] = mapped_column(String(2))
    bid_by: Mapped[str] = mapped_column(String(100))
    bid_at: Mapped[Instant]
    changed_at: Mapped[Instant]
