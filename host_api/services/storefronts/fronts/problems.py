"""What can hinder storefronts, goods and privileges."""

from host_api.core.errors import Problem


class StorefrontNotFound(Problem):
    """No storefront has this id."""

    status = 404
    code = "storefront-not-found"
    title = "Storefront not found"
    title_fa = "ویترین پیدا نشد"
    detail = "There is no storefront with this id."
    detail_fa = "ویترینی با این شناسه وجود ندارد."


class StorefrontGoodNotFound(Problem):
    """No goods have this id."""

    status = 404
    code = "storefront-good-not-found"
    title = "Goods not found"
    title_fa = "کالا پیدا نشد"
    detail = "There are no goods with this id at a storefront."
    detail_fa = "کالا یا خدمتی با این شناسه در ویترین‌ها نیست."


class StorefrontPrivilegeNotFound(Problem):
    """No privilege has this id."""

    status = 404
    code = "storefront-privilege-not-found"
    title = "Privilege not found"
    title_fa = "مزیت پیدا نشد"
    detail = "There is no privilege with this id."
    detail_fa = "مزیتی با این شناسه وجود ندارد."


class StorefrontPictureNotFound(Problem):
    """A picture is no PNG or JPEG file of the club."""

    status = 422
    code = "storefront-picture-not-found"
    title = "Picture not found"
    title_fa = "تصویر پیدا نشد"
    detail = "A picture is a PNG or JPEG file that was uploaded before."
    detail_fa = "تصویر باید پروندهٔ PNG یا JPEG باشد که پیش‌تر بارگذاری شده است."
    field = "file_ids"


class StorefrontInterestUnknown(Problem):
    """The club has no such tag."""

    status = 422
    code = "storefront-interest-unknown"
    title = "No such interest"
    title_fa = "چنین علاقه‌ای نیست"
    detail = "The club offers no interest with this code."
    detail_fa = "باشگاه علاقه‌ای با این کد ندارد."
    field = "interest"


class StorefrontClosed(Problem):
    """The seller has taken it away."""

    status = 409
    code = "storefront-closed"
    title = "Closed"
    title_fa = "بسته شده است"
    detail = "This was closed; make a new one."
    detail_fa = "این مورد بسته شده است؛ مورد تازه‌ای بسازید."


class PrivilegeGrantsNothing(Problem):
    """There is neither discount nor points nor instalments in it."""

    status = 422
    code = "storefront-privilege-empty"
    title = "It grants nothing"
    title_fa = "مزیتی ندارد"
    detail = "A privilege has a discount, points or instalments."
    detail_fa = "مزیت باید تخفیف، امتیاز یا قسط داشته باشد."
