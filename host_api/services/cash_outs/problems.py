"""What can hinder points to cash."""

from collections.abc import Sequence

from host_api.core.errors import FieldProblem, Problem


class CashOutNotFound(Problem):
    """No request has this id."""

    status = 404
    code = "cash-out-not-found"
    title = "Cash-out not found"
    title_fa = "درخواست وجه نقد پیدا نشد"
    detail = "There is no cash-out with this id."
    detail_fa = "درخواست وجه نقدی با این شناسه وجود ندارد."


class CashOutUnitsOutOfRange(Problem):
    """Fewer or more units than one request may have, or worth no more than the fee."""

    status = 409
    code = "cash-out-units"
    title = "Units out of range"
    title_fa = "مقدار خارج از محدوده است"
    detail = "The policy lets one request have more or fewer units, or the fee would leave nothing of these."
    detail_fa = "سیاست باشگاه مقدار دیگری می‌خواهد، یا پس از کارمزد چیزی نمی‌ماند."
    field = "units"


class CashOutNotForMember(Problem):
    """The member is not among those who may ask for cash."""

    status = 409
    code = "cash-out-not-for-member"
    title = "Not for this member"
    title_fa = "این عضو مجاز نیست"
    detail = "The member is not active, or not among those for whom the policy is."
    detail_fa = "عضو فعال نیست یا سیاست باشگاه برای او نیست."
    field = "member_id"


class ShebaMissing(Problem):
    """The member has no account that could be paid to."""

    status = 409
    code = "cash-out-sheba-missing"
    title = "No Sheba"
    title_fa = "شبا ثبت نشده است"
    detail = "The member's record has no valid Sheba; complete it first."
    detail_fa = "در پروندهٔ عضو شبای معتبری نیست؛ نخست آن را کامل کنید."
    field = "member_id"


class CashOutNotInThisState(Problem):
    """The request stands elsewhere."""

    status = 409
    code = "cash-out-state"
    title = "Not possible in this state"
    title_fa = "در این وضعیت شدنی نیست"
    detail = "The cash-out stands elsewhere by now; read it again."
    detail_fa = "وضعیت این درخواست دیگر شده است؛ دوباره بخوانید."


class NothingToPay(Problem):
    """No request is ready."""

    status = 409
    code = "cash-out-nothing-to-pay"
    title = "Nothing to pay"
    title_fa = "چیزی برای پرداخت نیست"
    detail = "No cash-out is ready for the bank."
    detail_fa = "درخواستی آمادهٔ ارسال به بانک نیست."


class CashOutBatchNotFound(Problem):
    """No batch has this id."""

    status = 404
    code = "cash-out-batch-not-found"
    title = "Batch not found"
    title_fa = "دسته پیدا نشد"
    detail = "There is no batch with this id."
    detail_fa = "دسته‌ای با این شناسه وجود ندارد."


class CashOutVoucherNotFound(Problem):
    """No voucher has this id."""

    status = 404
    code = "cash-out-voucher-not-found"
    title = "Voucher not found"
    title_fa = "سند پیدا نشد"
    detail = "There is no voucher with this id."
    detail_fa = "سندی با این شناسه وجود ندارد."


class BankAnswerUnreadable(Problem):
    """The bank's file can't be taken in; nothing of it was."""

    status = 422
    code = "cash-out-bank-answer"
    title = "Bank's answer not accepted"
    title_fa = "پاسخ بانک پذیرفته نشد"
    detail = "Rows are malformed or contradict the batch; `errors` names them, and nothing was changed."
    detail_fa = "ردیف‌هایی از پرونده نادرست یا با دسته ناسازگار است؛ در errors آمده و چیزی تغییر نکرده است."

    def __init__(self, faults: Sequence[tuple[int, str]] = ()) -> None:
        super().__init__(
            [
                FieldProblem(
                    field=f"csv.{row}",
                    location="body",
                    code=code,
                    message=f"Row {row} of the file can't be accepted: {code}",
                    message_fa=f"ردیف {row} پرونده پذیرفته نیست: {code}",
                )
                for row, code in faults
            ]
        )
