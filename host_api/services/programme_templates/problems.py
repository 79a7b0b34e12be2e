"""What can hinder making a ready programme."""

from host_api.core.errors import Problem


class ProgrammeTemplateNotFound(Problem):
    """No template has this name."""

    status = 404
    code = "programme-template-not-found"
    title = "Template not found"
    title_fa = "الگو پیدا نشد"
    detail = "There is no programme template with this name."
    detail_fa = "الگوی برنامه‌ای با این نام وجود ندارد."
