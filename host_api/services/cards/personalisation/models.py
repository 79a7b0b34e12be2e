"""Tables of designs and of batches for the card bureau."""

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class CardDesign(InProgramme, Versioned, Base):
    """What stands on the two sides of a card, its stripe and its chip."""

    __tablename__ = "card_designs"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Identifier]
    name: Mapped[str] = mapped_column(String(100))
    card_name: Mapped[str] = mapped_column(String(60))
    elements: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    tracks: Mapped[list[int]] = mapped_column(JSON)
    service_code: Mapped[str] = mapped_column(String(3))
    chip_zone: Mapped[int | None] = mapped_column(Integer)
    chip_generation: Mapped[int | None] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[Instant]


class CardBatch(InProgramme, Base):
    """Cards that are made in one go, and the file that they are made from.

    The file's row is deleted with its content when the batch is confirmed.
    """

    __tablename__ = "card_batches"
    __table_args__ = (
        Index("ix_card_batches_programme_id_order_id", "programme_id", "order_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    design_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("card_designs.id"))
    order_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("card_orders.id"))
    reprints_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("card_batches.id"))
    file_format: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(9))
    cards: Mapped[int] = mapped_column(Integer)
    rejected: Mapped[int] = mapped_column(Integer)
    file_id: Mapped[Whole | None]
    file_sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32), info={"secret": True})
    job_run_id: Mapped[Whole | None]
    created_at: Mapped[Instant]
    taken_at: Mapped[Instant | None]
    taken_by: Mapped[str | None] = mapped_column(String(100))
    confirmed_at: Mapped[Instant | None]
    confirmed_by: Mapped[str | None] = mapped_column(String(100))


class CardBatchLine(InProgramme, Base):
    """One card of a batch; `fault` is why it was rejected."""

    __tablename__ = "card_batch_lines"
    __table_args__ = (
        Index("ix_card_batch_lines_batch_id_sequence", "batch_id", "sequence", unique=True),
        Index("ix_card_batch_lines_card_id", "card_id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    batch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("card_batches.id"))
    sequence: Mapped[int] = mapped_column(Integer)
    card_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("cards.id"))
    fault: Mapped[str | None] = mapped_column(String(16))
