"""What a member is told who was given a prize; a code tells itself."""

from collections.abc import Sequence

from host_api.core.database import WriteSession
from host_api.core.jalali import Calendar, format_date
from host_api.core.persian_text import persian_digits
from host_api.core.tehran_time import tehran_date
from host_api.services.messages.logic import tell_members
from host_api.services.messages.member_text import MemberText, Telling
from host_api.services.prizes.models import Prize, PrizeAward


async def tell_awards(session: WriteSession, given: Sequence[tuple[Prize, PrizeAward]]) -> None:
    """Text them to the members' mobiles, where there are any: what it is given for, and what it is."""
    await tell_members(
        session,
        [Telling(award.member_id, "prize", str(award.id), _text(prize, award)) for prize, award in given],
    )


def occasion_of(award: PrizeAward) -> MemberText | None:
    """What an award is given for."""
    if award.occasion_fa is None or award.occasion_en is None:
        return None
    return MemberText(award.occasion_fa, award.occasion_en)


def _text(prize: Prize, award: PrizeAward) -> MemberText:
    times_fa = "" if award.quantity == 1 else persian_digits(f" ({award.quantity} بار)")
    times_en = "" if award.quantity == 1 else f" ({award.quantity} times)"
    text_fa = f"جایزهٔ شما: {prize.title_fa}{times_fa}"
    text_en = f"Your prize: {prize.title}{times_en}"
    if award.claim_until is not None:
        day = tehran_date(award.claim_until)
        number = persian_digits(str(award.id))
        text_fa += f"\nتا {format_date(day, Calendar.JALALI, 'fa')} با شمارهٔ {number} تحویل بگیرید."
        text_en += f"\nCome for it until {format_date(day, Calendar.GREGORIAN)} with number {award.id}."
    text, occasion = MemberText(text_fa, text_en), occasion_of(award)
    return text if occasion is None else occasion.then(text)
