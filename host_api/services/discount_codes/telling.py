"""What a member is told who was given a code."""

from datetime import timedelta
from typing import Final

from host_api.core.database import WriteSession
from host_api.core.jalali import Calendar, format_date
from host_api.core.tehran_time import tehran_date
from host_api.services.discount_codes.schemas import CodeRead
from host_api.services.messages.logic import tell_members
from host_api.services.messages.member_text import MemberText, Telling

_A_MOMENT: Final = timedelta(microseconds=1)


async def tell_code(
    session: WriteSession, member_id: int, code: CodeRead, occasion: MemberText | None = None
) -> None:
    """Text the code to the member's mobile, if there is one, below what it is given for."""
    text_fa = f"{code.title_fa}: {code.worth_fa}\nکد: {code.code}"
    text_en = f"{code.title}: {code.worth}\nCode: {code.code}"
    if code.ends_at is not None:
        day = tehran_date(code.ends_at - _A_MOMENT)  # what ends at midnight is good for the day before
        text_fa += f"\nتا {format_date(day, Calendar.JALALI, 'fa')}"
        text_en += f"\nUntil {format_date(day, Calendar.GREGORIAN)}"
    text = MemberText(text_fa, text_en)
    if occasion is not None:
        text = occasion.then(text)
    await tell_members(session, [Telling(member_id, "discount-code", str(code.id), text)])
