"""What can be wrong with a wish about orders, stocks and counts."""

from host_api.core.errors import Problem


class OrderNotFound(Problem):
    """No order of cards has this id."""

    status = 404
    code = "card-order-not-found"
    title = "Order not found"
    title_fa = "سفارش کارت پیدا نشد"
    detail = "There is no order of cards with this id."
    detail_fa = "سفارش کارتی با این شناسه وجود ندارد."


class OrderNotDue(Problem):
    """The order's numbers are not made yet, or its cards have been received."""

    status = 409
    code = "card-order-not-due"
    title = "Order can't be received"
    title_fa = "این سفارش را نمی‌توان دریافت کرد"
    detail = "Its numbers are being made, or its cards have been received already."
    detail_fa = "شماره‌های آن در حال ساخت است یا کارت‌هایش پیش‌تر دریافت شده است."


class StockTooSmall(Problem):
    """There are not so many cards in the stock."""

    status = 409
    code = "card-stock-too-small"
    title = "Not enough cards"
    title_fa = "کارت کافی نیست"
    detail = "There are not so many free cards of this product in that stock; nothing was moved."
    detail_fa = "این اندازه کارت آزاد از این محصول در آن انبار نیست؛ چیزی جابه‌جا نشد."
    field = "quantity"


class SamePlace(Problem):
    """From a stock to the same stock."""

    status = 409
    code = "card-stock-same-place"
    title = "The same stock"
    title_fa = "مبدأ و مقصد یکی است"
    detail = "Cards go from one stock to another."
    detail_fa = "کارت باید از یک انبار به انبار دیگری برود."
    field = "to_branch_id"


class StockTooLarge(Problem):
    """More cards should be there than one count can take."""

    status = 409
    code = "card-stock-too-large"
    title = "Stock too large for a count"
    title_fa = "انبار برای شمارش بزرگ است"
    detail = "More than 1,000 cards should be there; such a stock is not counted card by card."
    detail_fa = "بیش از ۱۰۰۰ کارت باید آن‌جا باشد؛ چنین انباری تک‌تک شمرده نمی‌شود."


class CountNotFound(Problem):
    """No count has this id."""

    status = 404
    code = "card-count-not-found"
    title = "Count not found"
    title_fa = "شمارش پیدا نشد"
    detail = "There is no count of cards with this id."
    detail_fa = "شمارش کارتی با این شناسه وجود ندارد."


class CountSettled(Problem):
    """The count's differences were settled before."""

    status = 409
    code = "card-count-settled"
    title = "Settled already"
    title_fa = "پیش‌تر تسویه شده است"
    detail = "The differences of this count have been settled already."
    detail_fa = "اختلاف‌های این شمارش پیش‌تر تسویه شده است."
