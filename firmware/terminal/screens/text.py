"""The catalogue of everything a person reads, by language.

Each language is one string: as a dict of strings it would take three times the heap.
"""

_PERSIAN = """
purchase=خرید
redemption=خرید با امتیاز
balance=موجودی
copy=رونوشت
approved=تراکنش موفق
declined=تراکنش ناموفق
member=عضو
tier=سطح عضویت
tier_initial=عادی
tier_silver=نقره‌ای
tier_gold=طلایی
tier_platinum=پلاتینیوم
amount=مبلغ (ریال)
points_earned=امتیاز این خرید
points_spent=امتیاز مصرف‌شده
credit_earned=اعتبار این خرید
credit_spent=اعتبار مصرف‌شده
points_balance=مانده امتیاز
credit_balance=مانده اعتبار
card=کارت
rrn=شماره مرجع
stan=شماره پیگیری
terminal=پایانه
date=تاریخ
time=ساعت
code=کد پاسخ
swipe=کارت را بکشید
again=لطفاً کارت را دوباره بکشید
key_amount=مبلغ را وارد کنید
sending=لطفاً صبر کنید
remove=کارت را بردارید
printing=در حال چاپ رسید
printer_fault=چاپگر آماده نیست
retry_key=تأیید: چاپ دوباره
no_service=ارتباط برقرار نیست
no_answer=پاسخی نرسید؛ خرید لغو شد
reversing=در حال برگشت تراکنش
full=حافظه پر است؛ پشتیبانی را خبر کنید
amount_wrong=مبلغ پذیرفته نیست
code_05=انجام نشد
code_03=پذیرنده نامعتبر
code_12=تراکنش نامعتبر
code_13=مبلغ نامعتبر
code_14=کارت نامعتبر
code_51=موجودی کافی نیست
code_54=کارت منقضی است
code_57=برای این کارت مجاز نیست
code_58=برای این پایانه مجاز نیست
code_61=بیش از سقف مجاز
code_62=کارت مسدود است
"""

_ENGLISH = """
purchase=Purchase
redemption=Purchase with points
balance=Balance
copy=COPY
approved=Approved
declined=Declined
member=Member
tier=Tier
tier_initial=Initial
tier_silver=Silver
tier_gold=Gold
tier_platinum=Platinum
amount=Amount (IRR)
points_earned=Points earned
points_spent=Points spent
credit_earned=Card credit earned
credit_spent=Card credit spent
points_balance=Points balance
credit_balance=Card credit
card=Card
rrn=RRN
stan=STAN
terminal=Terminal
date=Date
time=Time
code=Response code
swipe=Swipe the card
again=Please swipe again
key_amount=Key in the amount
sending=Please wait
remove=Remove the card
printing=Printing the receipt
printer_fault=Printer not ready
retry_key=Enter: print again
no_service=No connection
no_answer=No answer: sale cancelled
reversing=Reversing the transaction
full=Memory full: call support
amount_wrong=Amount not accepted
code_05=Not honoured
code_03=Invalid merchant
code_12=Invalid transaction
code_13=Invalid amount
code_14=Invalid card
code_51=Insufficient funds
code_54=Expired card
code_57=Not permitted to card
code_58=Not permitted to terminal
code_61=Limit exceeded
code_62=Card restricted
"""


def say(language: str, key: str) -> str:
    """The text of `key` in `language` (fa or en); empty when there is none."""
    catalogue = _PERSIAN if language == "fa" else _ENGLISH
    mark = "\n" + key + "="
    start = catalogue.find(mark)
    if start < 0:
        return ""
    start += len(mark)
    return catalogue[start : catalogue.find("\n", start)]


def reason(language: str, response_code: str) -> str:
    """What an ISO 8583 response code other than approval means to the customer."""
    return say(language, "code_" + response_code) or say(language, "code_05")
