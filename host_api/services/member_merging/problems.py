"""What the merging service refuses."""

from collections.abc import Iterable

from host_api.core.errors import FieldProblem, Problem
from host_api.services.member_merging.conflicts import TEXTS
from host_api.services.member_merging.schemas import ConflictCode


class RecordActNotFound(Problem):
    """No merge or split has this id."""

    status = 404
    code = "member-record-act-not-found"
    title = "Merge or split not found"
    title_fa = "ادغام یا تفکیک پیدا نشد"
    detail = "There is no merge or split with this id."
    detail_fa = "ادغام یا تفکیکی با این شناسه وجود ندارد."


class RecordsInConflict(Problem):
    """Something stands against it; `errors` lists all of it."""

    status = 409
    code = "member-records-in-conflict"
    title = "The records can't be merged or split now"
    title_fa = "ادغام یا تفکیک اکنون ممکن نیست"
    detail = "Something stands against it: see errors, and the preview."
    detail_fa = "مانعی در کار است: errors و پیش‌نمایش را ببینید."


class NothingToResume(Problem):
    """The act hasn't failed."""

    status = 409
    code = "member-record-act-not-failed"
    title = "Nothing to resume"
    title_fa = "چیزی برای ادامه نیست"
    detail = "Only a failed merge or split can be resumed."
    detail_fa = "تنها ادغام یا تفکیک ناموفق را می‌توان ادامه داد."


class NothingToSplit(Problem):
    """Neither cards nor units were chosen, and no merge is taken back."""

    status = 409
    code = "member-split-empty"
    title = "Nothing to split"
    title_fa = "چیزی برای تفکیک نیست"
    detail = "Choose cards or units, or the record of a merge that is to be taken back."
    detail_fa = "کارت یا امتیازی انتخاب کنید، یا رکوردی را که ادغامش باید برگردد."


def conflict(codes: Iterable[ConflictCode]) -> RecordsInConflict:
    """The problem that lists what stands against an act."""
    return RecordsInConflict(
        [
            FieldProblem(
                field="from_member_id",
                location="body",
                code=code.value,
                message=TEXTS[code][0],
                message_fa=TEXTS[code][1],
            )
            for code in codes
        ]
    )
