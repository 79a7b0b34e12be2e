"""What the application takes from the jobs service."""

from host_api.core.service import Service, StatusPart
from host_api.services.jobs.routes import router

SERVICE = Service(
    name="jobs",
    title="Jobs",
    title_fa="کارها",
    tags={
        "jobs": "Scheduled jobs and their runs · کارهای زمان‌بندی‌شده",
    },
    routers=(router,),
    status_parts=(StatusPart.JOBS,),
)
