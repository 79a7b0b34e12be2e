"""Why a text isn't taken or decided."""

from host_api.core.errors import Problem


class ReviewNotFound(Problem):
    """No text has this id."""

    status = 404
    code = "review-not-found"
    title = "Review not found"
    title_fa = "نظر پیدا نشد"
    detail = "There is no review with this id."
    detail_fa = "نظری با این شناسه وجود ندارد."


class ReviewPolicyNotFound(Problem):
    """There is no such kind of texts."""

    status = 404
    code = "review-policy-not-found"
    title = "No such kind of texts"
    title_fa = "چنین گونه‌ای نیست"
    detail = "Texts are of the kinds review and praise."
    detail_fa = "متن‌ها از گونه‌های review و praise هستند."


class ReviewExists(Problem):
    """One of each member about each subject."""

    status = 409
    code = "review-exists"
    title = "Written already"
    title_fa = "پیش‌تر نوشته شده است"
    detail = "The member has written about this already; only a rejected text is written again."
    detail_fa = "عضو پیش‌تر در این باره نوشته است؛ تنها متن ردشده دوباره نوشته می‌شود."


class ReviewTextLength(Problem):
    """Shorter or longer than the policy allows."""

    status = 409
    code = "review-length"
    title = "Too short or too long"
    title_fa = "کوتاه یا بلند است"
    detail = "The text is shorter or longer than the club takes."
    detail_fa = "متن کوتاه‌تر یا بلندتر از آن است که باشگاه می‌پذیرد."
    field = "text"


class ReviewHasLink(Problem):
    """The text leads elsewhere."""

    status = 409
    code = "review-link"
    title = "The text has a link"
    title_fa = "متن پیوند دارد"
    detail = "Addresses, channels and telephone numbers are not taken."
    detail_fa = "نشانی، کانال و شمارهٔ تلفن پذیرفته نمی‌شود."
    field = "text"


class ReviewRepeated(Problem):
    """The member has written the same elsewhere."""

    status = 409
    code = "review-repeated"
    title = "The same text again"
    title_fa = "متن تکراری"
    detail = "The member has written the same words about something else."
    detail_fa = "عضو همین متن را جای دیگری نوشته است."
    field = "text"


class TooManyWaiting(Problem):
    """So many texts of a member wait."""

    status = 409
    code = "reviews-waiting"
    title = "Too many waiting"
    title_fa = "نظرهای در انتظار زیاد است"
    detail = "As many texts of this member wait for approval as may."
    detail_fa = "نظرهای در انتظار تأیید این عضو به سقف رسیده است."


class ReviewNotInState(Problem):
    """Only a waiting text is decided, only an approved one withdrawn."""

    status = 409
    code = "review-not-in-state"
    title = "Already decided"
    title_fa = "پیش‌تر تصمیم گرفته شده است"
    detail = "A text is decided once, while it waits, and withdrawn only after it was approved."
    detail_fa = "متن یک بار و هنگام انتظار تصمیم می‌گیرد و تنها پس از تأیید پس گرفته می‌شود."


class ReviewSubjectNotFound(Problem):
    """There is nothing of this kind to write about."""

    status = 404
    code = "review-subject-not-found"
    title = "Nothing to write about"
    title_fa = "موضوع نظر پیدا نشد"
    detail = "There is no such article, book, report or course that members see."
    detail_fa = "چنین مطلب، کتاب، گزارش یا دوره‌ای که اعضا ببینند وجود ندارد."


class TooManyToday(Problem):
    """So many texts or reports of a member were taken within 24 hours."""

    status = 409
    code = "reviews-today"
    title = "Enough for today"
    title_fa = "سهم امروز پر شده است"
    detail = "The member has written as many texts or reports within 24 hours as may be."
    detail_fa = "متن‌ها یا گزارش‌های این عضو در ۲۴ ساعت گذشته به سقف رسیده است."


class ReviewReported(Problem):
    """One report of each member about each review."""

    status = 409
    code = "review-reported"
    title = "Reported already"
    title_fa = "پیش‌تر گزارش شده است"
    detail = "The member has reported this review already, or has written it."
    detail_fa = "عضو این نظر را پیش‌تر گزارش کرده یا خود آن را نوشته است."
