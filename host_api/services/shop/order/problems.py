"""What can be wrong with orders."""

from host_api.core.errors import Problem


class OrderNotFound(Problem):
    """No order has this id."""

    status = 404
    code = "shop-order-not-found"
    title = "Order not found"
    title_fa = "سفارش پیدا نشد"
    detail = "There is no order with this id."
    detail_fa = "سفارشی با این شناسه وجود ندارد."


class LineNotFound(Problem):
    """No line has this id."""

    status = 404
    code = "shop-order-line-not-found"
    title = "Line not found"
    title_fa = "ردیف سفارش پیدا نشد"
    detail = "There is no line of an order with this id."
    detail_fa = "ردیفی از سفارش با این شناسه وجود ندارد."


class NoDelivery(Problem):
    """The order isn't sent to anybody."""

    status = 404
    code = "shop-order-not-sent"
    title = "Nobody to send it to"
    title_fa = "نشانی ندارد"
    detail = "The member comes for this order, or the address has been erased."
    detail_fa = "عضو خود برای دریافت می‌آید یا نشانی پاک شده است."


class CartEmpty(Problem):
    """The cart has nothing in it."""

    status = 409
    code = "shop-cart-empty"
    title = "The cart is empty"
    title_fa = "سبد خالی است"
    detail = "There is nothing in the member's cart to order."
    detail_fa = "در سبد عضو چیزی برای سفارش نیست."


class CartFull(Problem):
    """The cart has as many lines as an order may have."""

    status = 409
    code = "shop-cart-full"
    title = "The cart is full"
    title_fa = "سبد پر است"
    detail = "A cart has at most 20 lines; order some or take them out."
    detail_fa = "سبد حداکثر ۲۰ ردیف دارد؛ بخشی را سفارش دهید یا بردارید."


class NotNow(Problem):
    """The line isn't in a state that allows this."""

    status = 409
    code = "shop-line-not-now"
    title = "Not in this state"
    title_fa = "در این وضعیت نمی‌شود"
    detail = "The line isn't where this is possible, or the time for it is over."
    detail_fa = "ردیف در وضعیتی نیست که این کار ممکن باشد یا مهلت آن گذشته است."


class NotReturnable(Problem):
    """So much can't be returned."""

    status = 409
    code = "shop-line-not-returnable"
    title = "Can't be returned"
    title_fa = "مرجوع نمی‌شود"
    detail = "Not so many are left to return, some are used, or the time for it is over."
    detail_fa = "این تعداد برای برگشت نمانده، بخشی استفاده شده یا مهلت گذشته است."


class GivingBackNotFound(Problem):
    """Nothing given back has this id."""

    status = 404
    code = "shop-giving-back-not-found"
    title = "Nothing given back has this id"
    title_fa = "برگشتی پیدا نشد"
    detail = "There is nothing given back with this id."
    detail_fa = "برگشتی با این شناسه وجود ندارد."


class NotFailed(Problem):
    """Only what failed is tried again."""

    status = 409
    code = "shop-giving-back-not-failed"
    title = "It has not failed"
    title_fa = "ناموفق نبوده است"
    detail = "Only what the switch refused to give back is tried again."
    detail_fa = "تنها برگشتی که سوئیچ نپذیرفته دوباره فرستاده می‌شود."
