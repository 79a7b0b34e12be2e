"""Tables of the terminals service."""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant


class Terminal(InProgramme, Base):
    """A terminal that stands in a branch."""

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
    created_at: Mapped[Instant]
