"""What the privacy service refuses."""

from collections.abc import Sequence

from host_api.core.errors import FieldProblem, Problem
from host_api.core.personal_data import Hindrance


class PrivacyRequestNotFound(Problem):
    """No request has this id."""

    status = 404
    code = "privacy-request-not-found"
    title = "Request not found"
    title_fa = "درخواست پیدا نشد"
    detail = "There is no export or erasing with this id."
    detail_fa = "خروجی یا پاک‌سازی با این شناسه وجود ندارد."


class ErasingHindered(Problem):
    """Something stands against erasing; `errors` lists all of it."""

    status = 409
    code = "privacy-erasing-hindered"
    title = "Can't be erased yet"
    title_fa = "هنوز پاک‌شدنی نیست"
    detail = "Something is open for this member: see errors. Points can be given up with gives_up_points."
    detail_fa = "برای این عضو چیزی باز است: errors را ببینید. امتیازها را می‌توان با gives_up_points واگذاشت."


class ErasingAsked(Problem):
    """The member is erased, or is about to be."""

    status = 409
    code = "privacy-erasing-asked"
    title = "Erasing is asked already"
    title_fa = "پاک‌سازی پیش‌تر درخواست شده است"
    detail = "This member has been erased, or an erasing is under way."
    detail_fa = "این عضو پاک شده یا پاک‌سازی آن در جریان است."
    field = "member_id"


def hindered(found: Sequence[Hindrance]) -> ErasingHindered:
    """The problem that lists what stands against erasing."""
    return ErasingHindered(
        [
            FieldProblem(
                field="member_id",
                location="body",
                code=one.code,
                message=one.text,
                message_fa=one.text_fa,
            )
            for one in found
        ]
    )
