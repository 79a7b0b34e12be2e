"""What the application takes from paid notices."""

from host_api.core.member_rows import moves, stays
from host_api.core.service import Service, StatusPart
from host_api.services.paid_notices import logic, models
from host_api.services.paid_notices.events import PAID_NOTICE_DONE
from host_api.services.paid_notices.job import SEND_NOTICES
from host_api.services.paid_notices.models import NoticeConsent, PaidNoticeMessage
from host_api.services.paid_notices.personal_data import PERSONAL_DATA
from host_api.services.paid_notices.routes import exports, router

SERVICE = Service(
    name="paid_notices",
    title="Paid notices",
    title_fa="اطلاع‌رسانی با پرداخت هزینه",
    tags={"paid notices": "Texts that sellers pay for · اطلاع‌رسانی با پرداخت هزینه"},
    routers=(exports, router),
    tables=(models,),
    event_types=(PAID_NOTICE_DONE,),
    jobs=(SEND_NOTICES,),
    outcomes={logic.SERVICE: logic.on_outcomes},
    status_parts=(StatusPart.LEDGER, StatusPart.JOBS),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        moves(NoticeConsent.member_id),
        stays(PaidNoticeMessage.member_id, "a message was sent to the record that there was"),
    ),
)
