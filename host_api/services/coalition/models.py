"""Tables of the coalition."""

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.jobs.run_table import JsonObject
from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme, within_programme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class PartnerClub(Versioned, InProgramme, Base):
    """Another club, of this installation or of a foreign one, by the code that it calls itself."""

    __tablename__ = "partner_clubs"
    __table_args__ = (
        UniqueConstraint("programme_id", "club_code"),
        UniqueConstraint("api_key_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    club_code: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(60))
    is_local: Mapped[bool] = mapped_column(Boolean)
    api_key_id: Mapped[str | None] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(9))
    credit_limit_rials: Mapped[Whole]
    created_at: Mapped[Instant]


class ClubAccount(KeyedByProgramme, Base):
    """How things stand with a club; whoever changes anything between the two clubs locks this row first.

    `balance_rials`: what the club owes, negative where it is owed. `reserved_rials`: of what is on its way
    into members' purses here. Counted are links and exchanges that began here, and letters: the last written,
    known to have arrived, and taken in.
    """

    __tablename__ = "club_accounts"
    is_audited = False

    club_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("partner_clubs.id"), primary_key=True, autoincrement=False
    )
    balance_rials: Mapped[Whole]
    reserved_rials: Mapped[Whole]
    begun_number: Mapped[Whole]
    written_number: Mapped[Whole]
    arrived_number: Mapped[Whole]
    taken_number: Mapped[Whole]
    closed_until: Mapped[Instant | None]


class ClubLetter(InProgramme, Base):
    """What one club tells another, in order."""

    __tablename__ = "club_letters"
    __table_args__ = (
        UniqueConstraint("programme_id", "club_id", "number"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    club_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("partner_clubs.id"))
    number: Mapped[Whole]
    content: Mapped[JsonObject] = mapped_column(JSON)
    written_at: Mapped[Instant]


class ClubContract(NeedsSecondPerson, InProgramme, Base):
    """What a lot of units of two clubs is worth; never changed, only ended and concluded anew."""

    __tablename__ = "club_contracts"
    __table_args__ = (
        UniqueConstraint("programme_id", "club_id", "code"),
        Index("ix_club_contracts_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    club_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("partner_clubs.id"))
    code: Mapped[str] = mapped_column(String(16))
    is_ours: Mapped[bool] = mapped_column(Boolean)
    own_purse: Mapped[int] = mapped_column(Integer)
    partner_purse: Mapped[int] = mapped_column(Integer)
    own_units: Mapped[Whole]
    partner_units: Mapped[Whole]
    rials: Mapped[Whole]
    valid_until: Mapped[Instant | None]


class ClubLinkCode(InProgramme, Base):
    """What is kept of a code by which a member joins their record here with theirs in another club."""

    __tablename__ = "club_link_codes"
    __table_args__ = (
        within_programme("member_id", "members"),
        UniqueConstraint("programme_id", "digest"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    member_id: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64), info={"secret": True})
    expires_at: Mapped[Instant]
    used_at: Mapped[Instant | None]


class ClubLink(InProgramme, Base):
    """A member's record here is the same person's as one in another club, which is known by `reference`."""

    __tablename__ = "club_links"
    __table_args__ = (
        within_programme("member_id", "members"),
        UniqueConstraint("programme_id", "club_id", "reference"),
        Index("ix_club_links_programme_id_member_id", "programme_id", "member_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    club_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("partner_clubs.id"))
    member_id: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str] = mapped_column(String(48))
    state: Mapped[str] = mapped_column(String(7))
    made_at: Mapped[Instant]


class ClubExchange(InProgramme, Base):
    """Units of one club that become units of another; the same row, seen from either side, is in both."""

    __tablename__ = "club_exchanges"
    __table_args__ = (
        within_programme("member_id", "members"),
        UniqueConstraint("programme_id", "club_id", "reference"),
        Index("ix_club_exchanges_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_club_exchanges_programme_id_club_id_done_at", "programme_id", "club_id", "done_at"),
        Index("ix_club_exchanges_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_club_exchanges_done_at", "done_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    club_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("partner_clubs.id"))
    contract_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("club_contracts.id"))
    member_id: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str] = mapped_column(String(48))
    is_outgoing: Mapped[bool] = mapped_column(Boolean)
    purse: Mapped[int] = mapped_column(Integer)
    lots: Mapped[Whole]
    own_units: Mapped[Whole]
    partner_units: Mapped[Whole]
    rials: Mapped[Whole]
    remainder_units: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(16))
    asked_at: Mapped[Instant]
    done_at: Mapped[Instant | None]
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    return_attempts: Mapped[int] = mapped_column(Integer)
    return_rrn: Mapped[str | None] = mapped_column(String(12))


class ClubStatement(InProgramme, Base):
    """What two clubs have exchanged in a period, as one has proposed and the other found the same."""

    __tablename__ = "club_statements"
    __table_args__ = (
        Index("ix_club_statements_programme_id_club_id_id", "programme_id", "club_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    club_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("partner_clubs.id"))
    begin: Mapped[Instant | None]
    end: Mapped[Instant]
    outgoing_count: Mapped[Whole]
    outgoing_rials: Mapped[Whole]
    incoming_count: Mapped[Whole]
    incoming_rials: Mapped[Whole]
    net_rials: Mapped[Whole]
    digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(8))
    made_at: Mapped[Instant]


class ClubSettlement(NeedsSecondPerson, InProgramme, Base):
    """That a statement's net was paid, as one person says and another confirms."""

    __tablename__ = "club_settlements"
    __table_args__ = (
        Index("ix_club_settlements_programme_id_statement_id", "programme_id", "statement_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    statement_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("club_statements.id"))
    bank_reference: Mapped[str] = mapped_column(String(40))
