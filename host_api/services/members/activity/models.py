"""Tables of members' activity."""

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import KeyedByProgramme
from host_api.core.tables import Base


class ActivityThresholds(Versioned, KeyedByProgramme, Base):
    """When a programme calls its members active."""

    __tablename__ = "member_activity_thresholds"

    new_days: Mapped[int] = mapped_column(Integer)
    lapsing_after_days: Mapped[int] = mapped_column(Integer)
    inactive_after_days: Mapped[int] = mapped_column(Integer)
    active_purchases: Mapped[int] = mapped_column(Integer)
