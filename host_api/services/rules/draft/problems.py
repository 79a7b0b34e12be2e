"""What can't be done with the draft."""

from collections.abc import Iterable

from host_api.core.errors import FieldProblem, Problem

_FAULTS_TOLD = 100


class RuleNotFound(Problem):
    """The draft has no such rule."""

    status = 404
    code = "rule-not-found"
    title = "Rule not found"
    title_fa = "قاعده پیدا نشد"
    detail = "The draft has no rule with this id."
    detail_fa = "پیش‌نویس قاعده‌ای با این شناسه ندارد."


class RuleIdTaken(Problem):
    """Another rule of the draft has this id."""

    status = 409
    code = "rule-id-taken"
    title = "Rule id is taken"
    title_fa = "شناسهٔ قاعده تکراری است"
    detail = "The draft has a rule with this id already."
    detail_fa = "پیش‌نویس قاعده‌ای با همین شناسه دارد."
    field = "rule_id"


class RuleIdWrong(Problem):
    """A rule can't be kept without an id."""

    status = 422
    code = "rule-id-wrong"
    title = "Rule id is missing or wrong"
    title_fa = "شناسهٔ قاعده نیست یا نادرست است"
    detail = "A rule needs rule_id: up to 16 capital letters, digits and hyphens; and a status that there is."
    detail_fa = "قاعده rule_id می‌خواهد: تا ۱۶ حرف بزرگ لاتین، رقم و خط تیره؛ و وضعیتی که وجود دارد."
    field = "rule_id"


class TooManyRules(Problem):
    """A rule set has a bound."""

    status = 409
    code = "too-many-rules"
    title = "Too many rules"
    title_fa = "شمار قاعده‌ها زیاد است"
    detail = "A rule set has no room for so many rules."
    detail_fa = "مجموعهٔ قواعد جای این شمار قاعده را ندارد."


class DocumentUnreadable(Problem):
    """A rule document can't even be taken apart into rules."""

    status = 422
    code = "rule-document-unreadable"
    title = "Rule document can't be read"
    title_fa = "سند قواعد خوانا نیست"
    detail = "The text is not TOML or JSON, or its rules have no ids; each fault is told."
    detail_fa = "متن TOML یا JSON نیست یا قاعده‌هایش شناسه ندارند؛ ایرادها گفته شده است."

    def __init__(self, faults: Iterable[str] = ()) -> None:
        super().__init__(
            [
                FieldProblem(field="text", location="body", code=self.code, message=fault, message_fa=fault)
                for fault in list(faults)[:_FAULTS_TOLD]
            ]
        )


class DocumentFileGone(Problem):
    """No text file has this id."""

    status = 404
    code = "rule-document-file-not-found"
    title = "File not found"
    title_fa = "فایل پیدا نشد"
    detail = "There is no text file with this id, or you may not read it."
    detail_fa = "فایل متنی با این شناسه نیست یا اجازهٔ خواندن آن را ندارید."
    field = "file_id"
