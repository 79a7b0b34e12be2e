"""What the fields of an entry are called, in both languages, and why a rule gave what it gave."""

from typing import Final, NamedTuple

from switch.rules.outcome import GrantReason


class Words(NamedTuple):
    """The same in English and Persian."""

    en: str
    fa: str


TITLES: Final = {
    "at_ms": Words("Decided at, milliseconds since 1970", "زمان تصمیم، هزارم ثانیه از ۱۹۷۰"),
    "mti": Words("Message type, without repeat mark", "نوع پیام، بی نشان تکرار"),
    "terminal_id": Words("Terminal", "پایانه"),
    "stan": Words("STAN: number of the request at its terminal", "شمارهٔ پیگیری پایانه"),
    "transmitted_s": Words("Sent at (field 7), seconds since 1970", "زمان ارسال (فیلد ۷)، ثانیه از ۱۹۷۰"),
    "digest": Words(
        "Keyed digest of the content, for telling repeats", "چکیدهٔ کلیددار محتوا، برای شناختن تکرار"
    ),
    "processing_code": Words("Processing code", "کد پردازش"),
    "amount": Words("Amount, minor units", "مبلغ، واحد خرد"),
    "currency": Words("Currency, ISO 4217", "ارز، ISO 4217"),
    "merchant_id": Words("Merchant", "پذیرنده"),
    "branch_number": Words("Branch", "شعبه"),
    "card_reference": Words("Card, by the club's reference", "کارت، به شناسهٔ باشگاه"),
    "member_number": Words("Member number", "شمارهٔ عضو"),
    "response_code": Words("Response code", "کد پاسخ"),
    "approval_code": Words("Approval code", "کد تأیید"),
    "rule_table_version": Words("Rule table that decided", "نسخهٔ جدول قواعد تصمیم‌گیر"),
    "reverses": Words(
        "Undoes the transaction at this position, 0 for none", "برگشت تراکنش این جایگاه، ۰ هیچ"
    ),
    "original_s": Words(
        "A reversal's original was sent at, seconds since 1970", "زمان ارسال اصل، ثانیه از ۱۹۷۰"
    ),
    "original_stan": Words("STAN of a reversal's original", "شمارهٔ پیگیری اصل"),
    "looked_at_s": Words(
        "Time that the rules looked at, seconds since 1970", "زمان مبنای قواعد، ثانیه از ۱۹۷۰"
    ),
    "concerns": Words(
        "Is about the sale or hold at this position, 0 for none", "دربارهٔ فروش یا نگه‌داشت این جایگاه، ۰ هیچ"
    ),
    "net_amount": Words("Left to pay with money, minor units", "مبلغ قابل پرداخت، واحد خرد"),
    "discount": Words("Discount, minor units", "تخفیف، واحد خرد"),
    "tendered": Words("Paid from a purse, minor units", "پرداخت از کیف، واحد خرد"),
    "hold_until_s": Words(
        "Held until, seconds since 1970, 0 for no hold", "پایان نگه‌داشت، ثانیه از ۱۹۷۰، ۰ بی نگه‌داشت"
    ),
    "activity": Words("Counts as an activity of the member", "فعالیت عضو به شمار می‌آید"),
    "fate": Words("What became of it", "سرانجام"),
    "partner": Words("Link of the partner", "پیوند شریک"),
    "partner_terminal_id": Words("Our terminal at the partner's", "پایانهٔ ما نزد شریک"),
    "partner_s": Words(
        "Sent to the partner at (field 7), seconds since 1970", "زمان ارسال به شریک، ثانیه از ۱۹۷۰"
    ),
    "partner_stan": Words("STAN at the partner's", "شمارهٔ پیگیری نزد شریک"),
    "voids_hold": Words("A return that gave a hold free", "برگشتی که نگه‌داشت را آزاد کرد"),
    "action": Words("File action: 1 add or replace, 3 delete", "عملیات پرونده: ۱ افزودن، ۳ حذف"),
    "file_name": Words("File", "پرونده"),
    "version": Words("Version of the rule table", "نسخهٔ جدول قواعد"),
    "day": Words("Business day, days since 1970", "روز کاری، روز از ۱۹۷۰"),
    "settlement_code": Words("Settlement code", "کد تسویه"),
    "announced": Words("Transactions of the terminal's upload", "شمار بارگذاری پایانه"),
    "differences": Words("Differences found", "شمار مغایرت‌ها"),
    "person": Words("Ordered by", "دستور از"),
    "role": Words("Role", "نقش"),
    "order": Words("Order", "دستور"),
    "outcome": Words("What came of it", "نتیجه"),
    "told": Words("In a few words", "به کوتاهی"),
    "began": Words("Position at which the order began, 0 here", "جایگاه آغاز دستور، ۰ همین‌جا"),
    "effect": Words("What it changed", "آنچه دگرگون شد"),
    "number": Words("New generation of a key, 0 for none", "نسل تازهٔ کلید، ۰ هیچ"),
    "first_position": Words("First position of the business day", "نخستین جایگاه روز کاری"),
    "last_position": Words(
        "Last position of the business day, 0 while it is open", "واپسین جایگاه روز، ۰ اگر باز است"
    ),
}

WHY: Final = {
    GrantReason.GRANTED: Words("As the rule says", "به اندازهٔ قاعده"),
    GrantReason.RULE_CAP: Words("The rule's own cap was reached", "به سقف قاعده رسید"),
    GrantReason.LIMIT: Words("A limit over rules was reached", "به سقف مشترک قواعد رسید"),
    GrantReason.BUDGET: Words("The budget was used up", "بودجه تمام شد"),
    GrantReason.BELOW_MINIMUM: Words("Less than the rule's minimum", "کمتر از کمینهٔ قاعده بود"),
    GrantReason.OVER_BUDGET: Words("Given beyond the budget, which is allowed", "بیش از بودجه، که مجاز است"),
    GrantReason.BILL: Words("The bill was smaller", "صورت‌حساب کمتر بود"),
}


def words(found: Words) -> dict[str, str]:
    """As JSON."""
    return {"en": found.en, "fa": found.fa}
