"""What the application takes from the files service."""

from host_api.core.service import Service
from host_api.services.files.routes import router

SERVICE = Service(
    name="files",
    title="Files",
    title_fa="فایل‌ها",
    tags={
        "files": "Files given and made · فایل‌ها",
    },
    routers=(router,),
)
