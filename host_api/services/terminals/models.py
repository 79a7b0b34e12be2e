"""Tables of the terminals service."""

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class Terminal(Versioned, InProgramme, Base):
    """A terminal that stands in a branch.

    `is_served` is what its record on the switch says: its own status with that of branch and merchant.
    """

    __tablename__ = "terminals"
    __table_args__ = (
        UniqueConstraint("programme_id", "terminal_id"),
        Index("ix_terminals_branch_id", "branch_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    terminal_id: Mapped[str] = mapped_column(String(8))
    branch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("branches.id"))
    key_generation: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(8))
    is_served: Mapped[bool] = mapped_column(default=True)
    model: Mapped[str | None] = mapped_column(String(40))
    serial_number: Mapped[str | None] = mapped_column(String(40))
    sim_number: Mapped[str | None] = mapped_column(String(20))
    firmware_channel: Mapped[str | None] = mapped_column(String(32))
    parameter_sequence: Mapped[Whole] = mapped_column(default=0)
    created_at: Mapped[Instant]


class TerminalParameters(Versioned, InProgramme, Base):
    """The settings that a merchant, branch or terminal gives its terminals."""

    __tablename__ = "terminal_parameters"
    __table_args__ = (
        UniqueConstraint("programme_id", "level", "holder_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    level: Mapped[str] = mapped_column(String(8))
    holder_id: Mapped[Whole]
    settings: Mapped[dict[str, object]] = mapped_column(JSON)
