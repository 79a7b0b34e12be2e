"""What draws refuse."""

from host_api.core.errors import Problem


class DrawTakesNoValue(Problem):
    """The draw takes no public value now."""

    status = 409
    code = "draw-takes-no-value"
    title = "No public value wanted"
    title_fa = "مقدار عمومی لازم نیست"
    detail = "The draw takes a public value only if it announced one, once, after its entries are closed."
    detail_fa = "مقدار عمومی تنها اگر اعلام شده باشد، یک بار و پس از بسته شدن فهرست، پذیرفته می‌شود."


class DrawPartNotFound(Problem):
    """The list of entries isn't closed, or has no such part."""

    status = 404
    code = "draw-part-not-found"
    title = "No such part of the list"
    title_fa = "این بخش از فهرست وجود ندارد"
    detail = "The list of entries is published when it is closed, in parts of 1,024 counted from 0."
    detail_fa = "فهرست پس از بسته شدن، در بخش‌های ۱۰۲۴ تایی از شمارهٔ صفر منتشر می‌شود."
