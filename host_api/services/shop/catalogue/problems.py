"""What can be wrong with the catalogue."""

from host_api.core.errors import Problem


class CategoryNotFound(Problem):
    """No category has this id."""

    status = 404
    code = "shop-category-not-found"
    title = "Category not found"
    title_fa = "دسته پیدا نشد"
    detail = "There is no category of the shop with this id."
    detail_fa = "دسته‌ای در فروشگاه با این شناسه وجود ندارد."


class CategoryTaken(Problem):
    """Another category has the code."""

    status = 409
    code = "shop-category-taken"
    title = "Category's code is taken"
    title_fa = "نام کوتاه دسته تکراری است"
    detail = "Another category has this short code."
    detail_fa = "دستهٔ دیگری همین نام کوتاه را دارد."
    field = "code"


class ItemNotFound(Problem):
    """No item has this id."""

    status = 404
    code = "shop-item-not-found"
    title = "Item not found"
    title_fa = "قلم پیدا نشد"
    detail = "There is no item of the shop with this id."
    detail_fa = "قلمی در فروشگاه با این شناسه وجود ندارد."


class SlotNotFound(Problem):
    """The item has no such time."""

    status = 404
    code = "shop-slot-not-found"
    title = "Time not found"
    title_fa = "نوبت پیدا نشد"
    detail = "This item has no time with this id."
    detail_fa = "این قلم نوبتی با این شناسه ندارد."


class PictureNotFound(Problem):
    """A file is no picture that was uploaded."""

    status = 409
    code = "shop-picture-not-found"
    title = "Picture not found"
    title_fa = "تصویر پیدا نشد"
    detail = "One of the files is not there, or is neither PNG nor JPEG; upload it first."
    detail_fa = "یکی از فایل‌ها نیست یا PNG و JPEG نیست؛ نخست آن را بارگذاری کنید."
    field = "file_ids"


class NotSold(Problem):
    """The item isn't sold now, or not to this member."""

    status = 409
    code = "shop-item-not-sold"
    title = "Not sold"
    title_fa = "فروخته نمی‌شود"
    detail = "An item isn't sold now, or not to this member; a reservation needs a time that is to come."
    detail_fa = "قلمی اکنون یا به این عضو فروخته نمی‌شود؛ رزرو به نوبتی در آینده نیاز دارد."


class SoldOut(Problem):
    """Not enough is left."""

    status = 409
    code = "shop-item-sold-out"
    title = "Sold out"
    title_fa = "تمام شده است"
    detail = "Not enough of an item, or of the places at a time, is left."
    detail_fa = "از قلمی یا از جاهای نوبتی به اندازهٔ کافی نمانده است."


class LimitReached(Problem):
    """The member would have more than one may buy."""

    status = 409
    code = "shop-limit-reached"
    title = "Limit reached"
    title_fa = "به سقف خرید رسیده است"
    detail = "A member may buy only so many of an item in its period; the item says how many."
    detail_fa = "هر عضو در هر دوره تنها تا سقف قلم می‌تواند بخرد."


class NothingCounted(Problem):
    """The item has no stock that could change."""

    status = 409
    code = "shop-stock-endless"
    title = "The item has no stock"
    title_fa = "این قلم موجودی ندارد"
    detail = "There is no end to this item, or its codes or times count themselves."
    detail_fa = "این قلم بی‌پایان است یا کدها و نوبت‌هایش خود شمرده می‌شوند."
