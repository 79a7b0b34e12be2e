"""What the blog tells of."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class BlogPostPublished(BaseModel):
    """An article is shown from an instant on."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"post_id": 7, "published_at": "2026-11-22T09:30:00Z"}}
    )

    post_id: int
    published_at: datetime


BLOG_POST_PUBLISHED = EventType(
    "blog_post.published", BlogPostPublished, "An article was published", "مطلبی منتشر شد"
)
