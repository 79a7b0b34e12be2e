"""Kinds of faults: what each means, and what to do next, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FaultKind(StrEnum):
    """What went wrong."""

    REQUEST_FAILED = "request_failed"
    WORKER_CRASHED = "worker_crashed"
    JOB_FAILED = "job_failed"
    RECORD_REFUSED = "record_refused"
    MOVEMENT_DOUBTFUL = "movement_doubtful"
    WEBHOOK_OFF = "webhook_off"
    FEED_STOPPED = "feed_stopped"
    SWITCH_UNREACHABLE = "switch_unreachable"
    SWITCH_OBSTACLE = "switch_obstacle"
    DEAD_LETTER = "dead_letter"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a kind of fault means, and the next step."""

    title: str
    title_fa: str
    meaning: str
    meaning_fa: str
    next_step: str
    next_step_fa: str


EXPLANATIONS: Final[Mapping[FaultKind, Explanation]] = {
    FaultKind.REQUEST_FAILED: Explanation(
        "A request failed",
        "درخواستی ناموفق ماند",
        "The host API answered a request with 500 or more; nothing of it was stored.",
        "سامانه به درخواستی با خطای ۵۰۰ یا بیشتر پاسخ داد؛ چیزی از آن ذخیره نشد.",
        "Find the request id in the host API's log. `database-unavailable`: see that the database runs and "
        "has room and connections; else tell support the place and cause.",
        "شناسهٔ درخواست را در گزارش سامانه پیدا کنید. اگر database-unavailable است، "
        "کارکرد و جای پایگاه داده را ببینید؛ وگرنه جا و علت را به پشتیبانی بگویید.",
    ),
    FaultKind.WORKER_CRASHED: Explanation(
        "A background worker ended",
        "کار پس‌زمینه‌ای ایستاد",
        "A part of the host API that works in the background has ended and does not come back by itself.",
        "بخشی از سامانه که در پس‌زمینه کار می‌کند ایستاده است و خودبه‌خود برنمی‌گردد.",
        "Start the host API again: nothing is lost by that. Then tell support the place and cause.",
        "سامانه را دوباره راه بیندازید؛ چیزی گم نمی‌شود. سپس جا و علت را به پشتیبانی بگویید.",
    ),
    FaultKind.JOB_FAILED: Explanation(
        "A job failed for good",
        "کاری ناموفق پایان یافت",
        "A job was tried as often as it may be, and is not done.",
        "کاری به شمار مجاز آزموده شد و انجام نشد.",
        "Look at its run under jobs; mend what the cause names, and start it again.",
        "اجرای آن را در بخش کارها ببینید؛ علت را برطرف و دوباره آغازش کنید.",
    ),
    FaultKind.RECORD_REFUSED: Explanation(
        "The switch refused a record",
        "سوئیچ رکوردی را نپذیرفت",
        "A member, card or terminal is not known to the switch as it stands here.",
        "عضو، کارت یا پایانه‌ای آن‌گونه که این‌جاست به سوئیچ نرسیده است.",
        "The response code says why; correct the record and store it again.",
        "کد پاسخ علت را می‌گوید؛ رکورد را درست و دوباره ذخیره کنید.",
    ),
    FaultKind.MOVEMENT_DOUBTFUL: Explanation(
        "A movement of points is doubtful",
        "سرنوشت جابه‌جایی امتیازی نامعلوم است",
        "Neither an answer nor a reversal of it could be had; only the journal knows what became of it.",
        "نه پاسخی از آن رسید و نه برگشتی از آن؛ تنها دفتر سوئیچ می‌داند چه شد.",
        "Run a reconciliation: it ends the movement as the journal has it.",
        "تطبیق را اجرا کنید: آن را همان‌گونه که در دفتر است پایان می‌دهد.",
    ),
    FaultKind.WEBHOOK_OFF: Explanation(
        "A webhook was switched off",
        "وب‌هوکی خاموش شد",
        "It failed too often, or its address said that it is gone; what happens is not told to it.",
        "بارها ناموفق بود یا نشانی آن گفت دیگر نیست؛ رویدادها به آن گفته نمی‌شود.",
        "See its attempts, mend the receiver, switch it on, and replay the period that it missed.",
        "تلاش‌های آن را ببینید، گیرنده را درست کنید، روشنش کنید و بازهٔ ازدست‌رفته را دوباره بفرستید.",
    ),
    FaultKind.FEED_STOPPED: Explanation(
        "The projection of the journal stopped",
        "خواندن دفتر سوئیچ ایستاد",
        "The journal feed holds something that this version can't apply; balances here grow old.",
        "در دفتر سوئیچ چیزی هست که این نسخه نمی‌شناسد؛ مانده‌های این‌جا کهنه می‌شود.",
        "Bring the host API to the switch's version, and start it again.",
        "نسخهٔ سامانه را با سوئیچ یکی کنید و دوباره راه بیندازید.",
    ),
    FaultKind.SWITCH_UNREACHABLE: Explanation(
        "The switch's operations port does not answer",
        "درگاه عملیات سوئیچ پاسخ نمی‌دهد",
        "Its state can't be had; cards may work or not.",
        "از حال آن خبری نیست؛ شاید کارت‌ها کار کند و شاید نه.",
        "See that the switch runs, and that address and token in the settings are right.",
        "ببینید سوئیچ کار کند و نشانی و توکن در تنظیمات درست باشد.",
    ),
    FaultKind.SWITCH_OBSTACLE: Explanation(
        "The switch does not authorise",
        "سوئیچ تراکنش نمی‌پذیرد",
        "Something stands in its way; the cause names it.",
        "چیزی سر راه آن است؛ علت آن را می‌گوید.",
        "`journal-failed`: free or replace its disk and start it; `failed`: see its log; the others pass.",
        "اگر journal-failed است، دیسک آن را آزاد یا عوض و راهش بیندازید؛ "
        "اگر failed است، گزارش آن را ببینید؛ باقی می‌گذرد.",
    ),
    FaultKind.DEAD_LETTER: Explanation(
        "A partner refused an advice or reversal for good",
        "سوئیچ طرف دیگر پیامی را برای همیشه رد کرد",
        "What a terminal here did with a partner's card does not stand in the partner's books.",
        "آنچه پایانه‌ای این‌جا با کارت طرف دیگر کرده در دفتر او نیست.",
        "Settle it with the partner, then revive or discard it: `GET /dead-letters` of the operations port.",
        "با طرف دیگر روشنش کنید، سپس در ‎/dead-letters‎ درگاه عملیات زنده یا کنار گذاشته شود.",
    ),
}
