"""What a member is told who was given a code."""

from datetime import timedelta
from typing import Final

from host_api.core.database import WriteSession
from host_api.core.jalali import Calendar, format_date
from host_api.core.tehran_time import tehran_date
from host_api.services.discount_codes.schemas import CodeRead
from host_api.services.messages.logic import tell_member

_A_MOMENT: Final = timedelta(microseconds=1)


async def tell_code(session: WriteSession, member_id: int, code: CodeRead) -> None:
    """Text the code to the member's mobile, if there is one."""
    text_fa = f"{code.title_fa}: {code.worth_fa}\nکد: {code.code}"
    text_en = f"{code.title}: {code.worth}\nCode: {code.code}"
    if code.ends_at is not None:
        day = tehran_date(code.ends_at - _A_MOMENT)  # what ends at midnight is good for the day before
        text_fa += f"\nتا {format_date(day, Calendar.JALALI, 'fa')}"
        text_en += f"\nUntil {format_date(day, Calendar.GREGORIAN)}"
    await tell_member(
        session, member_id, topic="discount-code", reference=str(code.id), text_fa=text_fa, text_en=text_en
    )
