"""Tables of vouchers."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class ShopVoucher(InProgramme, Base):
    """A voucher that a member bought; amounts are rial."""

    __tablename__ = "shop_vouchers"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        Index("ix_shop_vouchers_programme_id_id", "programme_id", "id"),
        Index("ix_shop_vouchers_programme_id_line_id", "programme_id", "line_id"),
        Index("ix_shop_vouchers_programme_id_member_id_id", "programme_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    line_id: Mapped[Whole] = mapped_column(ForeignKey("shop_order_lines.id"))
    item_id: Mapped[Whole] = mapped_column(ForeignKey("shop_items.id"))
    member_id: Mapped[Whole]
    code: Mapped[str] = mapped_column(String(40), info={"secret": True})
    value: Mapped[Whole]
    remaining: Mapped[Whole]
    valid_until: Mapped[Instant]
    issued_at: Mapped[Instant]
    withdrawn_at: Mapped[Instant | None]


class VoucherRedemption(InProgramme, Base):
    """What a counter took of a voucher, once for each of its references."""

    __tablename__ = "shop_voucher_redemptions"
    __table_args__ = (
        UniqueConstraint("programme_id", "voucher_id", "reference"),
        Index("ix_shop_voucher_redemptions_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    voucher_id: Mapped[Whole] = mapped_column(ForeignKey("shop_vouchers.id"))
    reference: Mapped[str] = mapped_column(String(40))
    merchant_id: Mapped[str | None] = mapped_column(String(15))
    amount: Mapped[Whole]
    remaining: Mapped[Whole]
    redeemed_by: Mapped[str] = mapped_column(String(100))
    redeemed_at: Mapped[Instant]
