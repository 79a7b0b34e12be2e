"""What the application takes from the blog."""

from host_api.core.service import Service
from host_api.services.blog import models, subjects
from host_api.services.blog.events import BLOG_POST_PUBLISHED
from host_api.services.blog.routes import router

__all__ = ["SERVICE", "subjects"]

SERVICE = Service(
    name="blog",
    title="Blog and news",
    title_fa="بلاگ و اخبار",
    tags={"blog": "Articles, news and their public pages · بلاگ و اخبار"},
    routers=(router,),
    tables=(models,),
    event_types=(BLOG_POST_PUBLISHED,),
)
