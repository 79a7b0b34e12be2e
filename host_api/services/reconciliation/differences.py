"""What can be different, and what to do about it."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class _Words(NamedTuple):
    what: str
    what_fa: str
    advice: str
    advice_fa: str


class DifferenceKind(Enum):
    """Kinds of differences, with their words."""

    NOT_IN_JOURNAL = _Words(
        "An approved request is not in the projection",
        "درخواست تأییدشده در دفتر نیست",
        "Rebuild the projection (vafa host-api rebuild); if it is still missing, the switch was restored "
        "from an older journal: ask for the movement again.",
        "تصویر دفتر را بازسازی کنید (vafa host-api rebuild)؛ اگر باز هم نبود، سوئیچ از دفتر کهنه‌تری برگشته "
        "است: جابه‌جایی را دوباره درخواست کنید.",
    )
    WITHOUT_REQUEST = _Words(
        "A transaction of this host has no request",
        "تراکنشی از این میزبان درخواستی ندارد",
        "Find out who sent it under this host's id; the database may have been restored from an older copy.",
        "ببینید چه کسی آن را با شناسهٔ این میزبان فرستاده است؛ شاید پایگاه داده از نسخهٔ کهنه‌تری برگشته باشد.",
    )
    TWICE = _Words(
        "A request is in the journal twice",
        "یک درخواست دو بار در دفتر است",
        "Take the second movement back by an adjustment, and report this as a fault of the switch.",
        "جابه‌جایی دوم را با اصلاح پس بگیرید و این را خطای سوئیچ گزارش کنید.",
    )
    OTHER_CONTENT = _Words(
        "Request and transaction differ in member, purse or amount",
        "درخواست و تراکنش در عضو، کیف یا مقدار یکی نیستند",
        "The journal is what counts: correct the member's purse by an adjustment.",
        "ملاک دفتر است: کیف عضو را با اصلاح درست کنید.",
    )
    STANDS = _Words(
        "A request that ended without moving anything stands in the journal",
        "درخواستی که بی‌اثر پایان یافته در دفتر برقرار است",
        "Take the movement back by an adjustment, or tell the service that asked that it was made.",
        "جابه‌جایی را با اصلاح پس بگیرید یا به بخش درخواست‌کننده بگویید که انجام شده است.",
    )
    FELL = _Words(
        "An approved request was declined or undone in the journal",
        "درخواست تأییدشده در دفتر رد یا برگشت خورده است",
        "Ask for the movement again if the member is still to have it.",
        "اگر عضو هنوز باید آن را داشته باشد، دوباره درخواست کنید.",
    )
    OTHER_SUM = _Words(
        "The projection and the switch's ledger differ in sum",
        "جمع تصویر دفتر با دفتر سوئیچ یکی نیست",
        "Rebuild the projection (vafa host-api rebuild) and reconcile again.",
        "تصویر دفتر را بازسازی کنید (vafa host-api rebuild) و دوباره مغایرت بگیرید.",
    )
    SWITCH_BEHIND = _Words(
        "The switch's journal ends before the projection's position",
        "دفتر سوئیچ پیش از جایگاه تصویر پایان می‌یابد",
        "The switch was restored from an older journal: rebuild the projection, and have somebody look.",
        "سوئیچ از دفتر کهنه‌تری برگشته است: تصویر را بازسازی کنید و موضوع را پیگیری کنید.",
    )

    @property
    def code(self) -> str:
        """Its name in reports."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference; `expected` is what the bank of requests or the switch says, `found` the projection."""

    kind: DifferenceKind
    request_id: int | None = None
    rrn: str | None = None
    holder: str | None = None
    purse: str | None = None
    expected: int | None = None
    found: int | None = None
