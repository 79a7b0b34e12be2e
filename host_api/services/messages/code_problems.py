"""What can hinder a code for a member."""

from host_api.core.errors import Problem


class NoMobile(Problem):
    """The member has no mobile number that a code could be sent to."""

    status = 409
    code = "member-has-no-mobile"
    title = "No mobile number"
    title_fa = "شمارهٔ همراهی ثبت نشده است"
    detail = "This needs a code, and the member has no mobile number to send it to."
    detail_fa = "این کار به کد پیامکی نیاز دارد و عضو شمارهٔ همراهی ندارد."


class TooManyMemberCodes(Problem):
    """The member got a code a moment ago, or too many of them today."""

    status = 409
    code = "too-many-codes"
    title = "Too many codes"
    title_fa = "کدهای فرستاده‌شده زیاد است"
    detail = "A member gets a code for one thing once a minute, and twenty codes a day at most."
    detail_fa = "برای هر کار کد دقیقه‌ای یک بار و برای هر عضو روزی حداکثر بیست بار فرستاده می‌شود."


class MemberCodeWrong(Problem):
    """The code is another one."""

    status = 409
    code = "code-wrong"
    title = "Wrong code"
    title_fa = "کد نادرست است"
    detail = "This is not the code that was texted; the try counts."
    detail_fa = "این کد پیامک‌شده نیست؛ این بار هم شمرده شد."
    field = "code"


class MemberCodeOver(Problem):
    """The code is of no use any more."""

    status = 409
    code = "code-over"
    title = "Code is over"
    title_fa = "مهلت کد گذشته است"
    detail = "The code was used, tried too often, or its time is over; have another one sent."
    detail_fa = "کد به کار رفته، بیش از اندازه آزموده شده یا مهلتش گذشته است؛ کد تازه‌ای بخواهید."
    field = "code"
