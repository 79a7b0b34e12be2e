"""What can be wrong with a wish about a card."""

from host_api.core.errors import Problem


class CardNotFound(Problem):
    """No card has this id."""

    status = 404
    code = "card-not-found"
    title = "Card not found"
    title_fa = "کارت پیدا نشد"
    detail = "There is no card with this id."
    detail_fa = "کارتی با این شناسه وجود ندارد."


class CardNumberTaken(Problem):
    """Another card has the number."""

    status = 409
    code = "card-number-taken"
    title = "Card number taken"
    title_fa = "شمارهٔ کارت تکراری است"
    detail = "Another card has this number already."
    detail_fa = "کارت دیگری با همین شماره ثبت شده است."
    field = "number"


class NoCardInStock(Problem):
    """There is no such card of the stock that could be given out."""

    status = 409
    code = "no-card-in-stock"
    title = "No card in stock"
    title_fa = "کارتی در انبار نیست"
    detail = "There is no free card of this product in this stock, or the card with this number is not free."
    detail_fa = "کارت آزادی از این محصول در این انبار نیست، یا کارت با این شماره آزاد نیست."


class HolderWanted(Problem):
    """A gift card has no member, any other card has one."""

    status = 409
    code = "card-holder-wanted"
    title = "Not this kind of card"
    title_fa = "برای این نوع کارت نیست"
    detail = "A gift card belongs to no member; every other card is given out to one."
    detail_fa = "کارت هدیه عضو ندارد و هر کارت دیگر به یک عضو داده می‌شود."
    field = "member_id"
