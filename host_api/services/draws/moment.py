"""Instants as people write them: ISO 8601 with an offset, or date and time on the clock in Tehran."""

import re
from datetime import UTC, datetime, time
from typing import Annotated, Final

from pydantic import AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

from host_api.core.jalali import DateFault, parse_date
from host_api.core.persian_text import fold_digits
from host_api.core.tehran_time import TEHRAN

_LOCAL: Final = re.compile(r"([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2})[ T]([0-9]{2}):([0-9]{2})", re.ASCII)
_LONGEST: Final = 40


def _moment(value: object) -> object:
    if not isinstance(value, str) or len(value) > _LONGEST:
        return value
    match = _LOCAL.fullmatch(fold_digits(value).strip())
    if match is None:
        return value
    try:
        at = datetime.combine(parse_date(match[1]), time(int(match[2]), int(match[3])), TEHRAN)
    except DateFault as fault:
        raise PydanticCustomError("moment", fault.message, {"message_fa": fault.message_fa}) from None
    except ValueError:
        raise PydanticCustomError(
            "moment", "There is no such time of day", {"message_fa": "چنین ساعتی در روز نیست."}
        ) from None
    return at.astimezone(UTC)


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
MOMENT_TOLD: Final = (
    "With an offset, or without one on the clock in Tehran: `1405-01-01T20:00` (Jalali or not)."
)
