"""A small database with sealed columns: what a service declares, in tables of the tests' own."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, String, insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.encryption.key_table import ProgrammeKeyColumns, add_key, load_keys
from host_api.core.encryption.master_keyring import MasterKeyring
from host_api.core.encryption.programme_keys import KeyPurpose, ProgrammeKeys
from host_api.core.encryption.sealed_field import BlindIndex, SealedBytes, SealedField
from host_api.core.iran.phone_numbers import parse_mobile_number
from host_api.core.tables import Identifier


class PeopleBase(DeclarativeBase):
    """Apart from the host API's own tables."""


class Club(PeopleBase):
    __tablename__ = "programmes"

    id: Mapped[Identifier]


class ClubKey(ProgrammeKeyColumns, PeopleBase):
    __tablename__ = "programme_keys"


class Person(PeopleBase):
    __tablename__ = "people"

    id: Mapped[Identifier]
    programme_id: Mapped[int] = mapped_column(BigInteger)
    nickname: Mapped[str] = mapped_column(String(20), default="")
    mobile_sealed: Mapped[SealedBytes | None]
    mobile_index: Mapped[BlindIndex | None]
    note_sealed: Mapped[SealedBytes | None]


MOBILE = SealedField(
    "people.mobile", Person.mobile_sealed, Person.mobile_index, normalise=parse_mobile_number
)
NOTE = SealedField("people.note", Person.note_sealed)


class TurnedClock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 16, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, by: timedelta) -> None:
        self.now += by


class Keys:
    """Keys of programmes 1 and 2, in the database and in memory."""

    def __init__(self, masters: MasterKeyring) -> None:
        self.masters = masters
        self.clock = TurnedClock()
        self.held = ProgrammeKeys(masters, self.clock)
        self.cipher = FieldCipher(self.held)


async def open_clubs(engine: AsyncEngine) -> None:
    """Make the tables and the two programmes."""
    async with engine.begin() as connection:
        await connection.run_sync(PeopleBase.metadata.create_all)
        await connection.execute(insert(Club), [{"id": 1}, {"id": 2}])


async def first_keys(engine: AsyncEngine) -> Keys:
    """A master keyring and the first keys of both programmes."""
    keys = Keys(MasterKeyring.new())
    async with AsyncSession(engine) as session, session.begin():
        for programme_id in (1, 2):
            for purpose in KeyPurpose:
                await add_key(session, ClubKey, keys.masters, programme_id, purpose, now=keys.clock.now)
        await load_keys(session, ClubKey, keys.held)
    return keys
