"""What can stand against an act on the catalogue."""

from host_api.core.errors import Problem


class StoreProductNotFound(Problem):
    """There is no such product."""

    status = 404
    code = "product-not-found"
    title = "Product not found"
    title_fa = "محصول پیدا نشد"
    detail = "There is no product with this id."
    detail_fa = "محصولی با این شناسه وجود ندارد."


class ProductGroupNotFound(Problem):
    """There is no such group, or it is another merchant's."""

    status = 404
    code = "product-group-not-found"
    title = "Group not found"
    title_fa = "گروه پیدا نشد"
    detail = "This merchant has no group of products with this id."
    detail_fa = "این پذیرنده گروه محصولی با این شناسه ندارد."


class StoreProductCodeTaken(Problem):
    """Code or barcode is another's."""

    status = 409
    code = "product-code-taken"
    title = "Code taken"
    title_fa = "کد تکراری است"
    detail = "Another record of this merchant has this code or barcode."
    detail_fa = "این کد یا بارکد از آنِ رکورد دیگری از همین پذیرنده است."
    field = "code"


class ProductGroupTooDeep(Problem):
    """The tree would be too deep, or a group below itself."""

    status = 409
    code = "product-group-too-deep"
    title = "Not a place for the group"
    title_fa = "جای گروه درست نیست"
    detail = "A group can't hang below itself, and the tree has at most eight levels."
    detail_fa = "گروه زیر خودش نمی‌رود و درخت حداکثر هشت سطح دارد."
    field = "parent_id"


class LabelSheetNotFound(Problem):
    """The sheet would be empty."""

    status = 404
    code = "label-sheet-not-found"
    title = "No such sheet"
    title_fa = "چنین برگه‌ای نیست"
    detail = "These labels take fewer sheets; the first is 1."
    detail_fa = "این برچسب‌ها برگهٔ کمتری می‌گیرد؛ نخستین برگه ۱ است."


class ProductHasNoPrice(Problem):
    """A label or a sale without a price."""

    status = 409
    code = "product-has-no-price"
    title = "No price"
    title_fa = "قیمت ندارد"
    detail = "The product has no price at that time; set one first."
    detail_fa = "محصول در آن زمان قیمتی ندارد؛ نخست قیمت آن را تعیین کنید."
