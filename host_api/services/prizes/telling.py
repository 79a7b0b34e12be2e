"""What a member is told who was given a prize; a code tells itself."""

from host_api.core.database import WriteSession
from host_api.core.jalali import Calendar, format_date
from host_api.core.persian_text import persian_digits
from host_api.core.tehran_time import tehran_date
from host_api.services.messages.logic import tell_member
from host_api.services.prizes.models import Prize, PrizeAward


async def tell_award(session: WriteSession, prize: Prize, award: PrizeAward) -> None:
    """Text it to the member's mobile, if there is one."""
    times_fa = "" if award.quantity == 1 else persian_digits(f" ({award.quantity} بار)")
    times_en = "" if award.quantity == 1 else f" ({award.quantity} times)"
    text_fa = f"جایزهٔ شما: {prize.title_fa}{times_fa}"
    text_en = f"Your prize: {prize.title}{times_en}"
    if award.claim_until is not None:
        day = tehran_date(award.claim_until)
        number = persian_digits(str(award.id))
        text_fa += f"\nتا {format_date(day, Calendar.JALALI, 'fa')} با شمارهٔ {number} تحویل بگیرید."
        text_en += f"\nCome for it until {format_date(day, Calendar.GREGORIAN)} with number {award.id}."
    await tell_member(
        session, award.member_id, topic="prize", reference=str(award.id), text_fa=text_fa, text_en=text_en
    )
