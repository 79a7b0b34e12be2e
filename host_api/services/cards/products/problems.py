"""What can be wrong with a wish for a card of a product."""

from host_api.core.errors import Problem


class ProductNotFound(Problem):
    """No card product has this id or code."""

    status = 404
    code = "card-product-not-found"
    title = "Card product not found"
    title_fa = "محصول کارت پیدا نشد"
    detail = "There is no such card product."
    detail_fa = "چنین محصول کارتی وجود ندارد."


class ProductCodeTaken(Problem):
    """Another product has the code."""

    status = 409
    code = "card-product-code-taken"
    title = "Product code taken"
    title_fa = "کد محصول تکراری است"
    detail = "Another card product has this code already."
    detail_fa = "محصول کارت دیگری با همین کد ثبت شده است."
    field = "code"


class ProductCodeReserved(Problem):
    """The switch gives the code a meaning of its own."""

    status = 409
    code = "card-product-code-reserved"
    title = "Product code reserved"
    title_fa = "این کد ویژه است"
    detail = "PHONE is the switch's own, and GIFT is for gift cards only."
    detail_fa = "کد PHONE از آنِ سوئیچ است و کد GIFT تنها برای کارت هدیه است."
    field = "code"


class ProductRetired(Problem):
    """No cards of the product are made or issued any more."""

    status = 409
    code = "card-product-retired"
    title = "Card product retired"
    title_fa = "محصول کارت کنار گذاشته شده است"
    detail = "No cards of this product are issued any more."
    detail_fa = "از این محصول دیگر کارتی صادر نمی‌شود."


class MemberMayNotHold(Problem):
    """The product is for other tiers or sub-clubs."""

    status = 409
    code = "card-product-not-for-member"
    title = "Not for this member"
    title_fa = "این عضو نمی‌تواند این کارت را داشته باشد"
    detail = "This product is for members of other tiers or sub-clubs, or the member is blocked."
    detail_fa = "این محصول برای سطح یا زیرباشگاه دیگری است، یا عضو مسدود است."
    field = "member_id"


class CardLimitReached(Problem):
    """As many cards have been issued as may be."""

    status = 409
    code = "card-limit-reached"
    title = "Card limit reached"
    title_fa = "سقف صدور کارت پر شده است"
    detail = "The product's limit for this member, this branch or as a whole has been reached."
    detail_fa = "سقف این محصول برای این عضو، این شعبه یا روی هم پر شده است."
