"""Words that a text message to the club's number may consist of, beside the keywords of joining.

STOP and لغو have nothing but codes sent to the number any more, START and شروع take that back; BALANCE and
مانده are answered with the points of the sender's membership.
"""

from typing import Final

from host_api.core.database import WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.persian_text import fold_digits, name_key, persian_digits
from host_api.services.joining.models import ReceivedSms
from host_api.services.members import logic as members
from host_api.services.messages.consent import logic as consent
from host_api.services.messages.consent.schemas import SuppressionSource
from host_api.services.messages.logic import tell_member
from host_api.services.messages.states import Channel
from host_api.services.transactions.logic import balances_of

STOPPED: Final = "stopped"
STARTED: Final = "started"
BALANCE: Final = "balance"
NO_MEMBER: Final = "member-not-found"

# As lists of advertisement have it, 11 stands for لغو ("لغو11").
_STOP: Final = frozenset({"stop", "لغو", "لغو11"})
_START: Final = frozenset({"start", "شروع"})
_BALANCE: Final = frozenset({"balance", "مانده", "موجودی", "امتیاز"})


async def answer(
    session: WriteSession, cipher: FieldCipher, text: str, sender: str, row: ReceivedSms
) -> str | None:
    """Do what a message of one such word asks for; its outcome, None where it is no such word."""
    word = name_key(fold_digits(text))
    if word in _STOP:
        await consent.suppress(session, cipher, Channel.SMS, sender, SuppressionSource.SMS)
        return STOPPED
    if word in _START:
        await consent.allow(session, cipher, Channel.SMS, sender)
        return STARTED
    if word in _BALANCE:
        return await _tell_balance(session, cipher, sender, row)
    return None


async def _tell_balance(session: WriteSession, cipher: FieldCipher, sender: str, row: ReceivedSms) -> str:
    found = await members.ids_by_mobile(session, cipher, [sender])
    if sender not in found:
        return NO_MEMBER
    member = await members.find(session, found[sender])
    points = (await balances_of(session, member.id, member.household)).points
    await tell_member(
        session,
        member.id,
        topic="balance",
        reference=f"sms#{row.id}",
        text_fa=f"موجودی شما {persian_digits(str(points))} امتیاز است.",
        text_en=f"You have {points} points.",
    )
    row.member_id = member.id
    return BALANCE
