"""Tables of identities."""

from sqlalchemy import BigInteger, Boolean, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import BlindIndex, SealedBytes, SealedField
from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, within_programme
from host_api.core.tables import Base, Identifier, Instant

# Written so that both databases read it, and the same in the migration.
_UNIQUE = text("is_unique")


class MemberIdentity(InProgramme, Base):
    """One of a member's identities, in canonical form; the first of a kind is the one that is shown.

    `is_unique` is the kind's policy: of such identities the table itself has each value once.
    """

    __tablename__ = "member_identities"
    __table_args__ = (
        within_programme("member_id", "members"),
        Index("ix_member_identities_programme_id_kind_value_index", "programme_id", "kind", "value_index"),
        Index("ix_member_identities_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index(
            "uq_member_identities_unique",
            "programme_id",
            "kind",
            "value_index",
            unique=True,
            sqlite_where=_UNIQUE,
            postgresql_where=_UNIQUE,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    member_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(32))
    is_unique: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[Instant]
    value_sealed: Mapped[SealedBytes | None]
    value_index: Mapped[BlindIndex | None]


class IdentityKindRow(Versioned, InProgramme, Base):
    """A kind of the club's own, or what the club has changed of a built-in one."""

    __tablename__ = "member_identity_kinds"
    __table_args__ = (UniqueConstraint("programme_id", "kind"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    is_unique: Mapped[bool] = mapped_column(Boolean)


VALUE = SealedField("member_identities.value", MemberIdentity.value_sealed, MemberIdentity.value_index)
