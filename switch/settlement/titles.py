"""What the columns of a settlement report are called, in English and Persian."""

from typing import NamedTuple

from protocol.reconciliation import BatchTotals
from switch.settlement.figures import Away, Cause, Discount, Flow, Payout, Sale
from switch.settlement.report import By
from switch.settlement.standing import Standing


class Title(NamedTuple):
    """A name for people."""

    en: str
    fa: str


def column(name: object) -> str:
    """Name of a column in JSON and CSV."""
    return str(getattr(name, "name", name)).lower()


COLUMNS = {
    "date": Title("Business date", "روز کاری"),
    "jalali_date": Title("Jalali date", "تاریخ شمسی"),
    "merchant": Title("Merchant", "پذیرنده"),
    "branch": Title("Branch", "شعبه"),
    "guild": Title("Guild", "صنف"),
    "partner": Title("Partner", "شریک"),
    "terminal": Title("Terminal", "پایانه"),
    "purse": Title("Purse", "کیف"),
    "party": Title("Funded by", "تأمین‌کننده"),
    "amount": Title("Amount", "مقدار"),
    "opening": Title("Opening balance", "ماندهٔ ابتدای روز"),
    "movement": Title("Movement of the day", "گردش روز"),
    "closing": Title("Closing balance", "ماندهٔ پایان روز"),
    "rial": Title("Programme owes for the day, rial (minus: is owed)", "بدهی روز باشگاه، ریال (منفی: طلب)"),
    "closing_rial": Title("Closing balance, rial", "ماندهٔ پایان روز (ریال)"),
    "members": Title("Members' purses", "کیف اعضا"),
    "account": Title("Account with the programme", "حساب با باشگاه"),
    "standing": Title("Reconciliation", "مغایرت‌گیری"),
    "differences": Title("Uploaded transactions that differ", "تراکنش‌های مغایر"),
    "missing": Title("Transactions that the upload lacks", "تراکنش‌های بارگذاری‌نشده"),
    column(Sale.PURCHASES): Title("Purchases, number", "شمار خرید"),
    column(Sale.PURCHASE_AMOUNT): Title("Purchases, rial", "مبلغ خرید (ریال)"),
    column(Sale.RETURNS): Title("Returns, number", "شمار مرجوعی"),
    column(Sale.RETURN_AMOUNT): Title("Returns, rial", "مبلغ مرجوعی (ریال)"),
    column(Sale.LOADS): Title("Loads, number", "شمار شارژ"),
    column(Sale.LOAD_AMOUNT): Title("Loads, rial", "مبلغ شارژ (ریال)"),
    column(Sale.REVERSALS): Title("Reversals, number", "شمار برگشت"),
    column(Sale.REVERSAL_AMOUNT): Title("Reversals, rial", "مبلغ برگشت (ریال)"),
    column(Sale.DISCOUNT): Title("Discounts given, rial", "تخفیف (ریال)"),
    column(Sale.TENDERED): Title("Paid from purses, rial", "پرداخت از کیف (ریال)"),
    column(Sale.NET_MONEY): Title("Money taken, rial", "وجه دریافتی (ریال)"),
    column(Away.FORWARDED_PURCHASES): Title(
        "Purchases decided by a partner, number", "شمار خرید با کارت شریک"
    ),
    column(Away.FORWARDED_PURCHASE_AMOUNT): Title(
        "Purchases decided by a partner, rial", "مبلغ خرید با کارت شریک (ریال)"
    ),
    column(Away.FORWARDED_RETURNS): Title("Returns decided by a partner, number", "شمار مرجوعی با کارت شریک"),
    column(Away.FORWARDED_RETURN_AMOUNT): Title(
        "Returns decided by a partner, rial", "مبلغ مرجوعی با کارت شریک (ریال)"
    ),
    column(Away.FORWARDED_LOADS): Title("Loads decided by a partner, number", "شمار شارژ کارت شریک"),
    column(Away.FORWARDED_LOAD_AMOUNT): Title(
        "Loads decided by a partner, rial", "مبلغ شارژ کارت شریک (ریال)"
    ),
    column(Away.FORWARDED_REVERSALS): Title(
        "Reversals at a partner's, number", "شمار برگشت تراکنش کارت شریک"
    ),
    column(Away.FORWARDED_REVERSAL_AMOUNT): Title(
        "Reversals at a partner's, rial", "مبلغ برگشت تراکنش کارت شریک (ریال)"
    ),
    column(Away.FORWARDED_DISCOUNT): Title("Discounts given by a partner, rial", "تخفیف شریک (ریال)"),
    column(Away.FORWARDED_TENDERED): Title("Paid from a partner's purses, rial", "پرداخت از کیف شریک (ریال)"),
    column(Away.FORWARDED_NET_MONEY): Title(
        "Money taken with a partner's cards, rial", "وجه دریافتی با کارت شریک (ریال)"
    ),
    column(Away.FORWARDED_DISCARDED): Title(
        "Given up, never to reach a partner, number", "شمار ارسال‌های رهاشده به شریک"
    ),
    column(Away.FORWARDED_DISCARDED_AMOUNT): Title(
        "Given up, never to reach a partner, rial", "مبلغ ارسال‌های رهاشده به شریک (ریال)"
    ),
    column(Discount.DISCOUNT_BACK): Title(
        "Discounts taken back by returns, rial", "تخفیف پس‌گرفته در مرجوعی (ریال)"
    ),
    column(Discount.DISCOUNT_BY_PROGRAMME): Title(
        "Discounts that the programme pays, rial", "تخفیف به هزینهٔ باشگاه (ریال)"
    ),
    column(Discount.DISCOUNT_BY_MERCHANT): Title(
        "Discounts that the merchant pays itself, rial", "تخفیف به هزینهٔ پذیرنده (ریال)"
    ),
    column(Discount.DISCOUNT_BY_PARTNERS): Title(
        "Discounts that partners pay, rial", "تخفیف به هزینهٔ شریکان (ریال)"
    ),
    column(Payout.TENDERED_RIAL): Title("Owed for what members spent, rial", "بابت خرج اعضا (ریال)"),
    column(Payout.DISCOUNTS_RIAL): Title("Owed for discounts, rial", "بابت تخفیف (ریال)"),
    column(Payout.FUNDED_RIAL): Title("Owed for earnings paid for, rial", "بابت تأمین پاداش (ریال)"),
    column(Payout.LOADED_RIAL): Title("Owed for stored value sold, rial", "بابت فروش شارژ (ریال)"),
    column(Payout.EARNED_RIAL): Title("Owed for own earnings, rial", "بابت کسب (ریال)"),
    column(Payout.OTHER_RIAL): Title("Owed for other movements, rial", "بابت سایر گردش‌ها (ریال)"),
}

FLOWS = {
    Flow.EARNED: Title("Members earned", "کسب اعضا"),
    Flow.EARNED_BACK: Title("Earnings taken back", "بازپس‌گیری کسب"),
    Flow.SPENT: Title("Members spent", "خرج اعضا"),
    Flow.SPENT_BACK: Title("Spendings given back", "بازگشت خرج"),
    Flow.LOADED: Title("Members loaded", "شارژ اعضا"),
    Flow.LOADED_BACK: Title("Loads taken back", "بازپس‌گیری شارژ"),
}

CAUSES = {
    Cause.SPENT: Title("Spent here", "خرج اعضا"),
    Cause.SPENT_BACK: Title("Spendings given back", "بازگشت خرج"),
    Cause.LOADED: Title("Stored value sold", "فروش شارژ"),
    Cause.LOADED_BACK: Title("Loads taken back", "برگشت شارژ"),
    Cause.FUNDED: Title("Earnings paid for", "تأمین پاداش"),
    Cause.FUNDED_BACK: Title("Earnings taken back", "بازگشت تأمین پاداش"),
    Cause.EARNED: Title("Earned", "کسب"),
    Cause.EARNED_BACK: Title("Own earnings taken back", "برگشت کسب"),
    Cause.OTHER: Title("Other", "سایر"),
}

STANDINGS = {
    Standing.NONE: Title("not reconciled", "مغایرت‌گیری نشده"),
    Standing.IN_BALANCE: Title("in balance", "تراز"),
    Standing.LATER: Title("in balance, but more came later", "تراز، با تراکنش‌های پسین"),
    Standing.UPLOADING: Title("totals differ, upload not ended", "مغایر، بارگذاری ناتمام"),
    Standing.OUT_OF_BALANCE: Title("settled with differences", "تسویه با مغایرت"),
}

TOTALS = dict(
    zip(
        BatchTotals._fields,
        (
            Title("Credits, number", "شمار بستانکارها"),
            Title("Credits, reversal number", "شمار برگشت بستانکارها"),
            Title("Debits, number", "شمار بدهکارها"),
            Title("Debits, reversal number", "شمار برگشت بدهکارها"),
            Title("Credits, amount", "مبلغ بستانکارها"),
            Title("Credits, reversal amount", "مبلغ برگشت بستانکارها"),
            Title("Debits, amount", "مبلغ بدهکارها"),
            Title("Debits, reversal amount", "مبلغ برگشت بدهکارها"),
        ),
        strict=True,
    )
)

NAMES = {
    By.MERCHANT: ("merchant",),
    By.BRANCH: ("merchant", "branch"),
    By.GUILD: ("guild",),
    By.PARTNER: ("partner",),
}
