"""What can be wrong with a wish about designs and batches."""

from host_api.core.errors import Problem


class DesignNotFound(Problem):
    """No design has this id, or none that may be used."""

    status = 404
    code = "card-design-not-found"
    title = "Design not found"
    title_fa = "طرح کارت پیدا نشد"
    detail = "There is no design with this id, or it is retired."
    detail_fa = "طرح کارتی با این شناسه وجود ندارد یا کنار گذاشته شده است."


class DesignFileNotFound(Problem):
    """A logo or artwork is no file."""

    status = 409
    code = "card-design-file-not-found"
    title = "No such picture"
    title_fa = "تصویر پیدا نشد"
    detail = "A logo or artwork names a file that isn't there, or is no PNG, JPEG or PDF."
    detail_fa = "فایل یکی از تصویرها نیست یا PNG، JPEG یا PDF نیست."
    field = "elements"


class BatchNotFound(Problem):
    """No batch has this id."""

    status = 404
    code = "card-batch-not-found"
    title = "Batch not found"
    title_fa = "دستهٔ کارت پیدا نشد"
    detail = "There is no batch of cards with this id."
    detail_fa = "دستهٔ کارتی با این شناسه وجود ندارد."


class NothingToMake(Problem):
    """No card, too many, or one that isn't made any more."""

    status = 409
    code = "card-batch-nothing-to-make"
    title = "Nothing to be made"
    title_fa = "کارتی برای ساخت نیست"
    detail = "A batch has 1 to 20,000 cards that are ordered, in stock or active."
    detail_fa = "هر دسته ۱ تا ۲۰٬۰۰۰ کارتِ سفارش‌شده، در انبار یا فعال دارد."


class BatchNotInState(Problem):
    """The batch isn't ready, was taken out, or was confirmed."""

    status = 409
    code = "card-batch-not-in-state"
    title = "Not in this state"
    title_fa = "در این وضعیت شدنی نیست"
    detail = "The file is not ready, was taken out before, or the batch was confirmed; read the batch."
    detail_fa = "فایل آماده نیست، یا پیش‌تر گرفته شده، یا دسته تأیید شده است؛ دسته را ببینید."


class BatchCountsDiffer(Problem):
    """Good and rejected cards are not the batch's number."""

    status = 409
    code = "card-batch-counts-differ"
    title = "Counts differ"
    title_fa = "شمارها نمی‌خواند"
    detail = "Good and rejected cards together are not as many as the batch has, or one is named twice."
    detail_fa = "جمع کارت‌های سالم و ردشده با شمار دسته برابر نیست یا کارتی دو بار آمده است."
