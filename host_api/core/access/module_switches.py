"""Which modules a programme does without."""

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.access.permissions import Module
from host_api.core.database import AnySession
from host_api.core.programmes import KeyedByProgramme
from host_api.core.tables import Base, Instant


class SwitchedOffModule(KeyedByProgramme, Base):
    """A module that the programme has switched off; without a row it is on."""

    __tablename__ = "switched_off_modules"

    module: Mapped[str] = mapped_column(String(32), primary_key=True)
    since: Mapped[Instant]


async def is_switched_off(session: AnySession, module: Module) -> bool:
    """Whether the session's programme does without `module`."""
    statement = select(SwitchedOffModule.module).where(SwitchedOffModule.module == module.name)
    return await session.scalar(statement) is not None
