"""What can be wrong with a wish for a code."""

from host_api.core.errors import Problem


class CardNotUsable(Problem):
    """Only an active card is shown."""

    status = 409
    code = "card-not-usable"
    title = "Card not active"
    title_fa = "کارت فعال نیست"
    detail = "Only an active card has codes."
    detail_fa = "تنها کارت فعال کد دارد."


class NotDigital(Problem):
    """The product has no such code."""

    status = 409
    code = "card-product-not-digital"
    title = "No such code"
    title_fa = "این محصول چنین کدی ندارد"
    detail = "Cards of this product have no code of this kind."
    detail_fa = "کارت‌های این محصول چنین کدی ندارد."


class CodeNotFound(Problem):
    """There is no such code, or no longer."""

    status = 404
    code = "card-code-not-found"
    title = "Code not found"
    title_fa = "کد پیدا نشد"
    detail = "There is no such code, or no longer."
    detail_fa = "چنین کدی نیست یا دیگر معتبر نیست."


class PhoneWanted(Problem):
    """The member has told no mobile number."""

    status = 409
    code = "member-has-no-phone"
    title = "No mobile number"
    title_fa = "شمارهٔ همراه ندارد"
    detail = "The member has no mobile number that could serve as a card."
    detail_fa = "این عضو شمارهٔ همراهی ندارد که کارت او باشد."


class PhoneTaken(Problem):
    """The number is another member's card."""

    status = 409
    code = "phone-card-taken"
    title = "Another member's number"
    title_fa = "شمارهٔ عضو دیگری است"
    detail = "This mobile number serves as another member's card already."
    detail_fa = "این شمارهٔ همراه کارت عضو دیگری است."
