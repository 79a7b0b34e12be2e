"""What can be wrong with categories and people."""

from host_api.core.errors import Problem


class ContentCategoryNotFound(Problem):
    """No category of the area has this id."""

    status = 404
    code = "content-category-not-found"
    title = "Category not found"
    title_fa = "دسته پیدا نشد"
    detail = "There is no category with this id in this area."
    detail_fa = "در این بخش دسته‌ای با این شناسه وجود ندارد."


class ContentCategoryTooDeep(Problem):
    """So many levels a tree may have."""

    status = 409
    code = "content-category-too-deep"
    title = "Too many levels"
    title_fa = "سطح‌ها زیاد است"
    detail = "The tree of categories may have four levels."
    detail_fa = "درخت دسته‌ها حداکثر چهار سطح دارد."
    field = "parent_id"


class ContentSlugTaken(Problem):
    """Another record has this address."""

    status = 409
    code = "content-slug-taken"
    title = "Address taken"
    title_fa = "این نشانی گرفته شده است"
    detail = "Another record has this last part of the address; choose another."
    detail_fa = "رکورد دیگری همین بخش پایانی نشانی را دارد؛ دیگری برگزینید."
    field = "slug"


class ContentPersonNotFound(Problem):
    """No person has this id, or not in this role."""

    status = 404
    code = "content-person-not-found"
    title = "Person not found"
    title_fa = "شخص پیدا نشد"
    detail = "There is no analyst, author or teacher with this id, or the role is another."
    detail_fa = "تحلیلگر، نویسنده یا مدرسی با این شناسه نیست یا نقش او دیگر است."
