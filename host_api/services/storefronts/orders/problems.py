"""What can hinder orders at storefronts."""

from host_api.core.errors import Problem


class StorefrontOrderNotFound(Problem):
    """No order has this id."""

    status = 404
    code = "storefront-order-not-found"
    title = "Order not found"
    title_fa = "سفارش پیدا نشد"
    detail = "There is no order at a storefront with this id."
    detail_fa = "سفارشی با این شناسه در ویترین‌ها نیست."


class StorefrontNotSold(Problem):
    """The goods can't be ordered now."""

    status = 409
    code = "storefront-not-sold"
    title = "Not sold now"
    title_fa = "اکنون فروخته نمی‌شود"
    detail = "The goods are not shown or not offered at present, or they are the member's own."
    detail_fa = "این کالا اکنون نمایش داده نمی‌شود، فروشی نیست یا از آنِ خود عضو است."


class StorefrontSoldOut(Problem):
    """Not so many are left."""

    status = 409
    code = "storefront-sold-out"
    title = "Not so many left"
    title_fa = "موجودی کافی نیست"
    detail = "Of the goods, or of what can be bought with the privilege, not so many are left."
    detail_fa = "از کالا یا از آنچه با این مزیت فروخته می‌شود این تعداد نمانده است."


class StorefrontPrivilegeNotForMember(Problem):
    """The member can't buy these goods with the privilege now."""

    status = 409
    code = "storefront-privilege-not-for-member"
    title = "Privilege not for this"
    title_fa = "مزیت شامل این سفارش نیست"
    detail = "The privilege is not in force, of other goods, for other members, or used up by this member."
    detail_fa = "مزیت برقرار نیست، برای کالای دیگر یا اعضای دیگر است، یا این عضو سهم خود را به کار برده است."


class StorefrontNoInstalments(Problem):
    """Nothing grants instalments."""

    status = 409
    code = "storefront-no-instalments"
    title = "Not sold in instalments"
    title_fa = "قسطی فروخته نمی‌شود"
    detail = "Only a privilege that grants instalments lets an order be paid in parts."
    detail_fa = "تنها مزیتی که قسط دارد پرداخت در چند بخش را ممکن می‌کند."


class StorefrontOrderNotNow(Problem):
    """The order isn't in a state that allows this."""

    status = 409
    code = "storefront-order-not-now"
    title = "Not in this state"
    title_fa = "در این وضعیت نمی‌شود"
    detail = "The order isn't where this is possible, or the time for it is over."
    detail_fa = "سفارش در وضعیتی نیست که این کار ممکن باشد یا مهلت آن گذشته است."


class StorefrontNoDelivery(Problem):
    """The order isn't sent to anybody."""

    status = 404
    code = "storefront-order-no-delivery"
    title = "Nobody to send it to"
    title_fa = "نشانی ندارد"
    detail = "No delivery was told with this order, or it has been erased."
    detail_fa = "با این سفارش نشانی‌ای داده نشده یا پاک شده است."
