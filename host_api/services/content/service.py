"""What the application takes from the service of categories and people."""

from host_api.core.service import Service
from host_api.services.content import models
from host_api.services.content.routes import router

SERVICE = Service(
    name="content",
    title="Categories and people of content",
    title_fa="دسته‌ها و پدیدآوران محتوا",
    tags={"content": "Categories, analysts, authors and teachers · دسته‌ها و پدیدآوران"},
    routers=(router,),
    tables=(models,),
)
