"""What can hinder points between members."""

from host_api.core.errors import Problem


class PointTransferNotFound(Problem):
    """No gift has this id."""

    status = 404
    code = "point-transfer-not-found"
    title = "Transfer not found"
    title_fa = "انتقال پیدا نشد"
    detail = "There is no transfer with this id."
    detail_fa = "انتقالی با این شناسه وجود ندارد."


class ReceiverNotFound(Problem):
    """Nobody is there to give to, or the giver themselves."""

    status = 409
    code = "point-transfer-receiver"
    title = "Nobody to give to"
    title_fa = "گیرنده پذیرفته نیست"
    detail = "The receiver is no active member, or is the giver."
    detail_fa = "گیرنده عضو فعالی نیست، یا خود دهنده است."
    field = "to_member_id"


class GiverNotAllowed(Problem):
    """The policy does not let this member give."""

    status = 409
    code = "point-transfer-giver"
    title = "Not for this member"
    title_fa = "این عضو مجاز نیست"
    detail = "The giver is not active, not in the policy's audience, or not a member for long enough."
    detail_fa = "دهنده فعال نیست، سیاست برای او نیست، یا زمان کافی از عضویتش نگذشته است."
    field = "member_id"


class TransferUnitsOutOfRange(Problem):
    """Fewer or more units than one gift may have."""

    status = 409
    code = "point-transfer-units"
    title = "Units out of range"
    title_fa = "مقدار خارج از محدوده است"
    detail = "The policy lets one transfer have more or fewer units."
    detail_fa = "سیاست باشگاه برای هر انتقال مقدار دیگری می‌خواهد."
    field = "units"


class TooLittleLeft(Problem):
    """The giver would keep less than the policy wants."""

    status = 409
    code = "point-transfer-too-little-left"
    title = "Too little would be left"
    title_fa = "ماندهٔ کافی نمی‌ماند"
    detail = "After this the giver would have less than the policy's least_left."
    detail_fa = "پس از این انتقال کمتر از ماندهٔ لازم برای دهنده می‌ماند."
    field = "units"


class TransferNotInThisState(Problem):
    """The gift stands elsewhere."""

    status = 409
    code = "point-transfer-state"
    title = "Not possible in this state"
    title_fa = "در این وضعیت شدنی نیست"
    detail = "The transfer stands elsewhere by now, or its time is over; read it again."
    detail_fa = "وضعیت این انتقال دیگر شده یا مهلتش گذشته است؛ دوباره بخوانید."
