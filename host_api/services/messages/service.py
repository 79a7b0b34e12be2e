"""What the application takes from the messages service."""

from host_api.core.member_rows import moves, stays
from host_api.core.service import Service
from host_api.services.messages import models
from host_api.services.messages.gateway_routes import router as gateway_router
from host_api.services.messages.models import MemberCode, MemberLanguage, WaitingText
from host_api.services.messages.personal_data import PERSONAL_DATA
from host_api.services.messages.routes import router
from host_api.services.messages.upkeep import MESSAGES_UPKEEP

SERVICE = Service(
    name="messages",
    title="Messages",
    title_fa="پیام‌ها",
    tags={
        "messages": "Languages of members · زبان پیام‌های اعضا",
        "sms gateway": "Texts to be sent · پیامک‌های در انتظار ارسال",
    },
    routers=(gateway_router, router),
    tables=(models,),
    jobs=(MESSAGES_UPKEEP,),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(MemberCode.member_id, "a code that was texted ends by itself"),
        moves(MemberLanguage.member_id),
        moves(WaitingText.member_id, only=WaitingText.is_waiting.is_(True)),
    ),
)
