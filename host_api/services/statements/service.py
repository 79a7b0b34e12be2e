"""What the application takes from the statements service."""

from host_api.core.service import Service
from host_api.services.statements.routes import router

SERVICE = Service(
    name="statements",
    title="Statements",
    title_fa="گردش امتیاز اعضا",
    tags={
        "statements": "Members' statements and history · گردش امتیاز و تاریخچهٔ عضو",
    },
    routers=(router,),
)
