"""Tables of topics, and of the club's policy for messages."""

from sqlalchemy import JSON, Boolean, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import KeyedByProgramme
from host_api.core.tables import Base


class MessageTopic(Versioned, KeyedByProgramme, Base):
    """What messages are about, where the club has decided something for it."""

    __tablename__ = "message_topics"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    purpose: Mapped[str] = mapped_column(String(11))
    is_automatic: Mapped[bool] = mapped_column(Boolean)
    channels: Mapped[list[str]] = mapped_column(JSON)
    day_most: Mapped[int | None] = mapped_column(Integer)
    week_most: Mapped[int | None] = mapped_column(Integer)


class MessagePolicy(Versioned, KeyedByProgramme, Base):
    """What holds for all topics; minutes of Tehran's day."""

    __tablename__ = "message_policies"

    quiet_from_minute: Mapped[int | None] = mapped_column(Integer)
    quiet_until_minute: Mapped[int | None] = mapped_column(Integer)
    asks_consent: Mapped[bool] = mapped_column(Boolean)
    promotional_day_most: Mapped[int | None] = mapped_column(Integer)
    promotional_week_most: Mapped[int | None] = mapped_column(Integer)
    most_parts: Mapped[int] = mapped_column(Integer)
