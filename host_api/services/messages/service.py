"""What the application takes from the messages service."""

from host_api.core.member_rows import moves, stays
from host_api.core.service import Service, StatusPart
from host_api.services.messages import models
from host_api.services.messages.broadcasts import models as broadcast_tables
from host_api.services.messages.broadcasts.job import QUEUEING
from host_api.services.messages.broadcasts.routes import router as broadcasts_router
from host_api.services.messages.consent import models as consent_tables
from host_api.services.messages.consent.models import MessageConsent
from host_api.services.messages.consent.routes import router as consent_router
from host_api.services.messages.events import EVENT_TYPES
from host_api.services.messages.gateway_routes import router as gateway_router
from host_api.services.messages.gateways import models as gateway_tables
from host_api.services.messages.gateways.routes import router as gateways_router
from host_api.services.messages.inbox import models as inbox_tables
from host_api.services.messages.inbox.models import InboxMessage
from host_api.services.messages.inbox.routes import router as inbox_router
from host_api.services.messages.models import MemberCode, MemberLanguage, WaitingText
from host_api.services.messages.personal_data import PERSONAL_DATA
from host_api.services.messages.routes import router
from host_api.services.messages.sending.job import SENDING
from host_api.services.messages.sending.routes import router as log_router
from host_api.services.messages.templates import models as template_tables
from host_api.services.messages.templates.routes import router as templates_router
from host_api.services.messages.topics import models as topic_tables
from host_api.services.messages.topics.routes import router as topics_router
from host_api.services.messages.triggers import models as trigger_tables
from host_api.services.messages.triggers.job import PULLING
from host_api.services.messages.triggers.routes import router as triggers_router
from host_api.services.messages.upkeep import MESSAGES_UPKEEP

SERVICE = Service(
    name="messages",
    title="Messages",
    title_fa="پیام‌ها",
    tags={
        "messages": "Topics, policy, log and languages · موضوع‌ها، سیاست، گزارش و زبان پیام‌ها",
        "message templates": "Templates of messages · قالب‌های پیام",
        "message triggers": "Messages that events set off · پیام‌های رویدادها",
        "broadcasts": "One text to many members · ارسال گروهی",
        "message consent": "Who wants to hear nothing · رضایت و لغو",
        "inboxes": "Members' inboxes, in both directions · صندوق پیام اعضا",
        "message gateways": "Gateways for SMS and e-mail · درگاه‌های پیامک و ایمیل",
        "sms gateway": "Texts to be sent · پیامک‌های در انتظار ارسال",
    },
    routers=(
        gateway_router,
        log_router,
        topics_router,
        templates_router,
        triggers_router,
        broadcasts_router,
        consent_router,
        inbox_router,
        gateways_router,
        router,
    ),
    tables=(
        models,
        gateway_tables,
        topic_tables,
        template_tables,
        consent_tables,
        broadcast_tables,
        trigger_tables,
        inbox_tables,
    ),
    jobs=(MESSAGES_UPKEEP, SENDING, QUEUEING, PULLING),
    event_types=EVENT_TYPES,
    status_parts=(StatusPart.EVENTS, StatusPart.JOBS),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(MemberCode.member_id, "a code that was texted ends by itself"),
        moves(MemberLanguage.member_id),
        moves(MessageConsent.member_id),
        moves(InboxMessage.member_id),
        moves(WaitingText.member_id, only=WaitingText.is_waiting.is_(True)),
    ),
)
