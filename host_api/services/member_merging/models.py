"""Tables of the merging service."""

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import SealedBytes, SealedField
from host_api.core.programmes import InProgramme, within_programme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class RecordAct(NeedsSecondPerson, InProgramme, Base):
    """A merge or a split: cards and units go from one record to another.

    `wanted`: of a split, units by account type. `balances`: what the record could spend last, as the switch
    told it in this round; None until it has. `round` counts up when moving begins anew.
    """

    __tablename__ = "member_record_acts"
    __table_args__ = (
        within_programme("from_member_id", "members"),
        within_programme("to_member_id", "members"),
        Index("ix_member_record_acts_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_member_record_acts_programme_id_from_member_id_id", "programme_id", "from_member_id", "id"),
        Index("ix_member_record_acts_programme_id_to_member_id_id", "programme_id", "to_member_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(5))
    from_member_id: Mapped[int] = mapped_column(BigInteger)
    to_member_id: Mapped[int] = mapped_column(BigInteger)
    card_ids: Mapped[list[int]] = mapped_column(JSON)
    wanted: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    takes_back: Mapped[Whole | None]
    moves_untransferable: Mapped[bool] = mapped_column(Boolean)
    reason_code: Mapped[str] = mapped_column(String(12))
    reason_sealed: Mapped[SealedBytes | None]
    round: Mapped[int] = mapped_column(Integer)
    balances: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    finished_at: Mapped[Instant | None]


class RecordMove(InProgramme, Base):
    """One request of an act; its id is the reference in the bank of requests.

    `follows`: of a credit, the debit whose units it gives.
    """

    __tablename__ = "member_record_moves"
    __table_args__ = (
        Index("ix_member_record_moves_act_id_id", "act_id", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    act_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("member_record_acts.id"))
    round: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(8))
    purse: Mapped[int] = mapped_column(Integer)
    amount: Mapped[Whole]
    follows: Mapped[Whole | None]
    state: Mapped[str] = mapped_column(String(8))
    request_id: Mapped[Whole | None]
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    asked_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]


class MovedRows(InProgramme, Base):
    """Rows that followed a merge, by table and column, so that they can come back; at most some hundreds."""

    __tablename__ = "member_moved_rows"
    __table_args__ = (
        Index("ix_member_moved_rows_act_id_id", "act_id", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    act_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("member_record_acts.id"))
    rows: Mapped[str] = mapped_column(String(80))
    keys: Mapped[list[list[int | str | None]]] = mapped_column(JSON)


REASON = SealedField("member_record_acts.reason", RecordAct.reason_sealed)
