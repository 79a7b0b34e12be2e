"""What can stand against an act on stock."""

from collections.abc import Sequence

from host_api.core.errors import FieldProblem, Problem


class NotInStock(Problem):
    """A level would fall below zero where it may not."""

    status = 409
    code = "not-in-stock"
    title = "Not in stock"
    title_fa = "موجودی کافی نیست"
    detail = "The branch has less of a product than is to go out; `errors` names the lines."
    detail_fa = "موجودی شعبه کمتر از مقدار خروج است؛ ردیف‌ها در errors آمده است."

    def __init__(self, fields: Sequence[str] = ("quantity",)) -> None:
        super().__init__(
            [
                FieldProblem(
                    field=field,
                    location="body",
                    code=self.code,
                    message="The branch has less of this",
                    message_fa="موجودی شعبه از این کمتر است.",
                )
                for field in fields
            ]
        )


class ProductOfAnotherMerchant(Problem):
    """The branch is not of the merchant whose product it is."""

    status = 409
    code = "product-of-another-merchant"
    title = "Another merchant's product"
    title_fa = "محصول پذیرندهٔ دیگری است"
    detail = "The branch belongs to another merchant than the product."
    detail_fa = "شعبه و محصول از آنِ یک پذیرنده نیستند."


class StockCountNotFound(Problem):
    """There is no such count."""

    status = 404
    code = "stock-count-not-found"
    title = "Count not found"
    title_fa = "انبارگردانی پیدا نشد"
    detail = "There is no stocktaking with this id."
    detail_fa = "انبارگردانی با این شناسه وجود ندارد."


class StockCountOpen(Problem):
    """The branch is being counted already."""

    status = 409
    code = "stock-count-open"
    title = "Already being counted"
    title_fa = "انبارگردانی دیگری باز است"
    detail = "A stocktaking of this branch is open; close or cancel it first."
    detail_fa = "انبارگردانی این شعبه باز است؛ نخست آن را ببندید یا لغو کنید."


class StockCountEnded(Problem):
    """The count is closed or cancelled."""

    status = 409
    code = "stock-count-ended"
    title = "Count is over"
    title_fa = "انبارگردانی پایان یافته است"
    detail = "This stocktaking was closed or cancelled before."
    detail_fa = "این انبارگردانی پیش‌تر بسته یا لغو شده است."


class StockCountFull(Problem):
    """One closing can't take more lines."""

    status = 409
    code = "stock-count-full"
    title = "Too many lines"
    title_fa = "ردیف‌ها بیش از اندازه است"
    detail = "A stocktaking has at most 5000 lines; close this one and open another for the rest."
    detail_fa = "هر انبارگردانی حداکثر ۵۰۰۰ ردیف دارد؛ این را ببندید و بقیه را در دیگری بشمارید."
