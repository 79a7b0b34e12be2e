"""What members' reviews may be about here: published articles."""

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession
from host_api.services.blog.models import BlogPost
from host_api.services.blog.reading import is_shown
from host_api.services.earning_events.reviews.schemas import SubjectKind
from host_api.services.earning_events.reviews.subjects import checks_subject


@checks_subject(SubjectKind.POST)
async def _is_shown(session: AnySession, post_id: int) -> bool:
    statement = select(BlogPost.id).where(BlogPost.id == post_id, is_shown(utc_now()))
    return await session.scalar(statement) is not None
