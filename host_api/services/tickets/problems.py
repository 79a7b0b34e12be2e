"""What can hinder tickets."""

from collections.abc import Sequence

from host_api.core.errors import FieldProblem, Problem


class TicketNotFound(Problem):
    """No ticket has this id or code, or the caller isn't to know of it."""

    status = 404
    code = "ticket-not-found"
    title = "Ticket not found"
    title_fa = "تیکت پیدا نشد"
    detail = "There is no such ticket, or it is another one's."
    detail_fa = "چنین تیکتی وجود ندارد، یا از آن کس دیگری است."


class TicketDepartmentNotFound(Problem):
    """No department has this id, or it takes nothing."""

    status = 404
    code = "ticket-department-not-found"
    title = "Department not found"
    title_fa = "واحد پیدا نشد"
    detail = "There is no department with this id, or it is closed."
    detail_fa = "واحدی با این شناسه وجود ندارد یا بسته است."


class TicketTypeNotFound(Problem):
    """No type has this code or id, or it is closed."""

    status = 404
    code = "ticket-type-not-found"
    title = "Type not found"
    title_fa = "نوع تیکت پیدا نشد"
    detail = "There is no such type of ticket, or it is closed."
    detail_fa = "چنین نوعی از تیکت وجود ندارد یا بسته است."


class CannedAnswerNotFound(Problem):
    """No canned answer has this id or code."""

    status = 404
    code = "canned-answer-not-found"
    title = "Canned answer not found"
    title_fa = "پاسخ آماده پیدا نشد"
    detail = "There is no such canned answer."
    detail_fa = "چنین پاسخ آماده‌ای وجود ندارد."


class TicketCodeTaken(Problem):
    """Another one has this code, or is linked already."""

    status = 409
    code = "ticket-code-taken"
    title = "Taken already"
    title_fa = "پیش‌تر ثبت شده است"
    detail = "Another department, type or answer has this code, or this is there already."
    detail_fa = "واحد، نوع یا پاسخ دیگری همین کد را دارد، یا این پیش‌تر ثبت شده است."


class DepartmentsInACircle(Problem):
    """A department would stand above itself."""

    status = 409
    code = "ticket-departments-circle"
    title = "Departments in a circle"
    title_fa = "واحدها دور می‌زنند"
    detail = "A department can't stand above itself, and at most eight stand above one another."
    detail_fa = "هیچ واحدی بالای خودش نیست و حداکثر هشت واحد بالای هم‌اند."
    field = "above_id"


class TicketNotInThisState(Problem):
    """The ticket stands elsewhere."""

    status = 409
    code = "ticket-state"
    title = "Not possible in this state"
    title_fa = "در این وضعیت شدنی نیست"
    detail = "The ticket stands elsewhere by now; read it again."
    detail_fa = "وضعیت این تیکت دیگر شده است؛ دوباره بخوانید."


class TicketFull(Problem):
    """A ticket has a bound of messages and files, and a member of open tickets."""

    status = 409
    code = "ticket-full"
    title = "No more fits"
    title_fa = "جای بیشتری نیست"
    detail = "The ticket has as many messages or files as one may have, or the member as many open tickets."
    detail_fa = "این تیکت به بیشترین پیام یا پیوست رسیده، یا عضو به بیشترین تیکت باز."


class TicketFileNotTaken(Problem):
    """The file is of another kind, too large, or two kinds at once."""

    status = 415
    code = "ticket-file-not-taken"
    title = "File not taken"
    title_fa = "این فایل پذیرفته نیست"
    detail = "Send a whole PDF, PNG or JPEG of at most 10 MiB, with nothing before or behind it."
    detail_fa = "یک PDF، PNG یا JPEG کامل تا ۱۰ مبی‌بایت بفرستید که چیزی پیش یا پس از آن نباشد."


class NotStaffOfDepartment(Problem):
    """The person doesn't work in the department."""

    status = 409
    code = "ticket-not-staff"
    title = "Not of this department"
    title_fa = "از این واحد نیست"
    detail = "A ticket is assigned to somebody who works in its department."
    detail_fa = "تیکت به کسی داده می‌شود که در همان واحد کار می‌کند."
    field = "caller_key"


class TicketFieldsWrong(Problem):
    """The fields are not those that the type asks for; `errors` names them."""

    status = 422
    code = "ticket-fields"
    title = "Fields wrong or missing"
    title_fa = "موردها نادرست یا ناقص است"
    detail = "The type of ticket asks for other fields; `errors` names them."
    detail_fa = "این نوع تیکت موردهای دیگری می‌خواهد؛ در errors آمده است."

    def __init__(self, names: Sequence[str] = ()) -> None:
        super().__init__(
            [
                FieldProblem(
                    field=f"values.{name}" if name else "values",
                    location="body",
                    code="field",
                    message=f"{name} is missing, unknown or not as the type wants it",
                    message_fa=f"{name} نیست، شناخته نیست یا چنان‌که باید نیست",
                )
                for name in names
            ]
        )
