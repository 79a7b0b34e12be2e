"""What can be wrong with articles and the site."""

from host_api.core.errors import Problem


class BlogPostNotFound(Problem):
    """No article has this id or address, or it is not published."""

    status = 404
    code = "blog-post-not-found"
    title = "Article not found"
    title_fa = "مطلب پیدا نشد"
    detail = "There is no such article, or it is not published."
    detail_fa = "چنین مطلبی نیست یا منتشر نشده است."


class BlogPostNotInState(Problem):
    """The article stands elsewhere."""

    status = 409
    code = "blog-post-not-in-state"
    title = "Not possible in this state"
    title_fa = "در این وضعیت ممکن نیست"
    detail = (
        "Drafts are reviewed, reviewed articles published, published ones withdrawn before they are changed."
    )
    detail_fa = "پیش‌نویس بازبینی، مطلب بازبینی‌شده منتشر و مطلب منتشرشده پیش از تغییر برداشته می‌شود."


class BlogSlugTaken(Problem):
    """Another article has this address."""

    status = 409
    code = "blog-slug-taken"
    title = "Address taken"
    title_fa = "این نشانی گرفته شده است"
    detail = "Another article has this address; give another `slug`."
    detail_fa = "مطلب دیگری همین نشانی را دارد؛ slug دیگری بدهید."
    field = "slug"


class BlogTranslationWrong(Problem):
    """The other article is of the same language, or a translation itself."""

    status = 409
    code = "blog-translation-wrong"
    title = "No translation of that"
    title_fa = "ترجمهٔ آن مطلب نیست"
    detail = "The original is an article of the other language that is no translation itself."
    detail_fa = "اصل باید مطلبی به زبان دیگر باشد که خود ترجمه نیست."
    field = "translation_of"


class BlogDomainTaken(Problem):
    """Another club has this domain."""

    status = 409
    code = "blog-domain-taken"
    title = "Domain taken"
    title_fa = "این دامنه گرفته شده است"
    detail = "Another club of this host shows its articles under this domain."
    detail_fa = "باشگاه دیگری از این میزبان مطالبش را با این دامنه نشان می‌دهد."
    field = "domain"
