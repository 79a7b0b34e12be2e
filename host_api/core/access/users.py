"""People who may call the API: users, their roles, and their logins."""

from enum import StrEnum

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from host_api.core.encryption.sealed_field import SealedField
from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant


class UserStatus(StrEnum):
    """Whether a user may log in."""

    ACTIVE = "active"
    BLOCKED = "blocked"


class Role(Versioned, InProgramme, Base):
    """A named set of permissions."""

    __tablename__ = "roles"
    __table_args__ = (UniqueConstraint("programme_id", "name"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    name: Mapped[str] = mapped_column(String(60))
    permissions: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[Instant]


class User(Versioned, InProgramme, Base):
    """A person of the back office; the user name is unique over all programmes, as it alone finds the row.

    Without a password of his own (`password_hash` empty) he logs in with the first password he was given, and
    then chooses one. What logging in writes here is no change of a person's: it leaves `version` alone.
    """

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("username"),
        Index("ix_users_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    username: Mapped[str] = mapped_column(String(60))
    display_name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(200), info={"secret": True})
    first_password_sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32), info={"secret": True})
    first_password_expires_at: Mapped[Instant | None]
    role_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("roles.id"))
    status: Mapped[str] = mapped_column(String(8))
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary(200), info={"secret": True})
    totp_unconfirmed: Mapped[bytes | None] = mapped_column(LargeBinary(200), info={"secret": True})
    totp_last_step: Mapped[int] = mapped_column(BigInteger, info={"secret": True}, default=0)
    recovery_sha256: Mapped[list[str]] = mapped_column(JSON, info={"secret": True}, default=list)
    last_login_at: Mapped[Instant | None]
    created_at: Mapped[Instant]

    role: Mapped[Role] = relationship(lazy="raise")

    @property
    def has_first_password(self) -> bool:
        """Whether the user has not chosen a password yet."""
        return self.password_hash == ""


TOTP_SECRET = SealedField("users.totp_secret", User.totp_secret)
TOTP_UNCONFIRMED = SealedField("users.totp_unconfirmed", User.totp_unconfirmed)


class Login(InProgramme, Base):
    """One login: a short-lived access token and a refresh token that is replaced at each use.

    All refresh tokens of a login have their first half in common: whoever shows one with the right first half
    that is not the present one has stolen it, or was stolen from, and the login ends (RFC 9700, section
    4.14.2), however many have replaced it since.
    """

    __tablename__ = "logins"
    __table_args__ = (Index("ix_logins_user_id", "user_id"),)
    is_audited = False

    login_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id"))
    access_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    access_expires_at: Mapped[Instant]
    refresh_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    family_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    refresh_expires_at: Mapped[Instant]
    began_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]

    user: Mapped[User] = relationship(lazy="raise")
