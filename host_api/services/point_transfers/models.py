"""Tables of points between members."""

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, ForeignKeyConstraint, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.policy_versions import PolicyVersion
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class PointTransferPolicy(PolicyVersion, InProgramme, Base):
    """One version of who may give how many units away."""

    __tablename__ = "point_transfer_policies"
    __table_args__ = (
        Index("ix_point_transfer_policies_programme_id_valid_from_id", "programme_id", "valid_from", "id"),
        {"sqlite_autoincrement": True},
    )

    is_open: Mapped[bool] = mapped_column(Boolean)
    purse: Mapped[int] = mapped_column(Integer)
    least_units: Mapped[Whole]
    most_units: Mapped[Whole]
    limits: Mapped[dict[str, int | None]] = mapped_column(JSON)
    least_left: Mapped[Whole]
    waiting_days: Mapped[int] = mapped_column(Integer)
    code_from_units: Mapped[Whole | None]
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))


class PointTransfer(InProgramme, Base):
    """A member's gift of units to another."""

    __tablename__ = "point_transfers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "member_id"],
            ["members.programme_id", "members.id"],
            name="fk_point_transfers_giver",
        ),
        ForeignKeyConstraint(
            ["programme_id", "to_member_id"],
            ["members.programme_id", "members.id"],
            name="fk_point_transfers_receiver",
        ),
        Index("ix_point_transfers_programme_id_id", "programme_id", "id"),
        Index("ix_point_transfers_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_point_transfers_programme_id_asked_at", "programme_id", "asked_at"),
        Index("ix_point_transfers_programme_id_member_id_asked_at", "programme_id", "member_id", "asked_at"),
        Index("ix_point_transfers_programme_id_to_member_id_id", "programme_id", "to_member_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    member_id: Mapped[int] = mapped_column(BigInteger)
    to_member_id: Mapped[int] = mapped_column(BigInteger)
    policy_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("point_transfer_policies.id"))
    purse: Mapped[int] = mapped_column(Integer)
    units: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(11))
    asked_by_name: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[Instant]
    confirm_until: Mapped[Instant]
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    finished_at: Mapped[Instant | None]
    cancelled_by: Mapped[str | None] = mapped_column(String(100))
    cancel_reason: Mapped[str | None] = mapped_column(String(200))
    cancel_attempts: Mapped[int] = mapped_column(Integer)
    cancel_rrn: Mapped[str | None] = mapped_column(String(12))
