"""Table of ready programmes."""

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant


class ProgrammeTemplateUse(InProgramme, Base):
    """That a programme was made from a template; of the first programme, which makes the others."""

    __tablename__ = "programme_template_uses"
    __table_args__ = (UniqueConstraint("made_programme_id"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    made_programme_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("programmes.id"))
    template: Mapped[str] = mapped_column(String(48))
    owner_username: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[Instant]
