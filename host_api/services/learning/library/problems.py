"""What can be wrong with reports and books."""

from host_api.core.errors import Problem


class LibraryDocumentNotFound(Problem):
    """No report or book has this id, or members don't see it."""

    status = 404
    code = "library-document-not-found"
    title = "Report or book not found"
    title_fa = "گزارش یا کتاب پیدا نشد"
    detail = "There is no report or book with this id, or it is not published."
    detail_fa = "گزارش یا کتابی با این شناسه نیست یا منتشر نشده است."


class LibraryDocumentEmpty(Problem):
    """It has no file yet."""

    status = 409
    code = "library-document-empty"
    title = "No file yet"
    title_fa = "هنوز فایلی ندارد"
    detail = "Give it a file before it is published."
    detail_fa = "پیش از انتشار فایل آن را بدهید."
    field = "file_id"
