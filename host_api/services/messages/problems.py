"""What can hinder a message."""

from host_api.core.errors import Problem


class TextNotFound(Problem):
    """No text has this id."""

    status = 404
    code = "text-not-found"
    title = "Text not found"
    title_fa = "پیامک پیدا نشد"
    detail = "There is no text with this id."
    detail_fa = "پیامکی با این شناسه وجود ندارد."
