"""Why the switch declines a void or return, and what helps (switch/authoriser/returning.py decides so)."""

from collections.abc import Mapping
from typing import Final

from host_api.services.transactions.meanings import CodeMeaning, meaning_of
from protocol.dialect import ResponseCode

_EXPLAINED: Final[Mapping[str, tuple[str, str]]] = {
    ResponseCode.INVALID_MERCHANT: (
        "The switch knows no such merchant, or the hold is another's. One of its terminals must be served.",
        "سوئیچ این پذیرنده را نمی‌شناسد یا مبلغ نگه‌داشته از آنِ دیگری است. ببینید پایانه‌ای از آن فعال باشد.",
    ),
    ResponseCode.INVALID_TRANSACTION: (
        "The lines are not those of the sale, or came back before. Return by amount, or correct the lines.",
        "اقلام با اقلام خرید نمی‌خواند یا پیش‌تر برگشته است. با مبلغ برگشت بزنید یا اقلام را درست کنید.",
    ),
    ResponseCode.INVALID_AMOUNT: (
        "The lines do not come to the amount.",
        "جمع اقلام با مبلغ نمی‌خواند.",
    ),
    ResponseCode.INVALID_CARD_NUMBER: (
        "The switch does not know the card or member any more; correct the points by hand.",
        "سوئیچ دیگر این کارت یا عضو را نمی‌شناسد؛ امتیاز را دستی اصلاح کنید.",
    ),
    ResponseCode.RECORD_NOT_FOUND: (
        "The switch has no such sale, or the hold is over. Look at the trace.",
        "سوئیچ چنین خریدی ندارد یا نگه‌داشت آن پایان یافته است. ردگیری را ببینید.",
    ),
    ResponseCode.INSUFFICIENT_FUNDS: (
        "What the sale gave has been spent, and the purse may not go below zero. Return less, or give first.",
        "آنچه خرید داده بود خرج شده و مانده نمی‌تواند منفی شود. کمتر برگشت بزنید یا نخست جبران کنید.",
    ),
    ResponseCode.NOT_PERMITTED_TO_CARDHOLDER: (
        "The member is blocked, or the sale is another's. Unblock the member and ask again.",
        "عضو مسدود است یا خرید از آنِ دیگری است. عضو را آزاد و دوباره درخواست کنید.",
    ),
    ResponseCode.EXCEEDS_LIMIT: (
        "More than is left of the sale, or it is too old to be returned. Correct the points by hand.",
        "بیش از ماندهٔ خرید است یا مهلت برگشت گذشته است. امتیاز را دستی اصلاح کنید.",
    ),
    ResponseCode.RESTRICTED_CARD: (
        "The card is blocked; unblock it and ask again.",
        "کارت مسدود است؛ آن را آزاد و دوباره درخواست کنید.",
    ),
}
_TOO_LATE: Final = CodeMeaning(
    en="The switch did not answer in time: nothing was undone. Ask again.",
    fa="سوئیچ به‌موقع پاسخ نداد: چیزی برنگشت. دوباره درخواست کنید.",
)


def explained(response_code: str | None, *, is_finished: bool) -> CodeMeaning | None:
    """What the switch's answer says of a void or return; None before there is one."""
    if response_code is None:
        return _TOO_LATE if is_finished else None
    texts = _EXPLAINED.get(response_code)
    return meaning_of(response_code) if texts is None else CodeMeaning(en=texts[0], fa=texts[1])
