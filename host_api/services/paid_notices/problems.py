"""What can hinder paid notices."""

from host_api.core.errors import Problem


class PaidNoticeNotFound(Problem):
    """No notice has this id."""

    status = 404
    code = "paid-notice-not-found"
    title = "Notice not found"
    title_fa = "اطلاع‌رسانی پیدا نشد"
    detail = "There is no paid notice with this id."
    detail_fa = "اطلاع‌رسانی‌ای با این شناسه وجود ندارد."


class PaidNoticeNobody(Problem):
    """Nobody would get it."""

    status = 409
    code = "paid-notice-nobody"
    title = "Nobody to send it to"
    title_fa = "گیرنده‌ای ندارد"
    detail = "No member with a mobile number is interested, has consented, and may get one more notice now."
    detail_fa = "عضوی با شمارهٔ همراه نیست که علاقه‌مند و راضی باشد و اکنون بتواند پیام دیگری بگیرد."


class PaidNoticeNotNow(Problem):
    """The notice isn't in a state that allows this."""

    status = 409
    code = "paid-notice-not-now"
    title = "Not in this state"
    title_fa = "در این وضعیت نمی‌شود"
    detail = "The notice isn't where this is possible; read it again."
    detail_fa = "اطلاع‌رسانی در وضعیتی نیست که این کار ممکن باشد؛ دوباره بخوانید."


class PaidNoticePriceChanged(Problem):
    """The seller confirms another price than the notice has."""

    status = 409
    code = "paid-notice-price-changed"
    title = "Another price"
    title_fa = "بها چیز دیگری است"
    detail = "The price that was confirmed isn't the notice's; read it again."
    detail_fa = "بهایی که تأیید شده بهای این اطلاع‌رسانی نیست؛ دوباره بخوانید."
    field = "most_rials"


class PaidNoticeNoPurse(Problem):
    """A merchant has no purse."""

    status = 409
    code = "paid-notice-no-purse"
    title = "The seller has no purse"
    title_fa = "فروشنده کیف ندارد"
    detail = "Only a member who sells pays from a purse; a merchant pays by its account."
    detail_fa = "تنها عضو فروشنده از کیف می‌پردازد؛ پذیرنده با حساب خود می‌پردازد."
    field = "means"


class PaidNoticeInterestUnknown(Problem):
    """The club has no such tag."""

    status = 422
    code = "paid-notice-interest-unknown"
    title = "No such interest"
    title_fa = "چنین علاقه‌ای نیست"
    detail = "The club offers no interest with this code."
    detail_fa = "باشگاه علاقه‌ای با این کد ندارد."
    field = "interest"
