"""What the application takes from the traces service."""

from host_api.core.service import Service
from host_api.services.traces.routes import router

SERVICE = Service(
    name="traces",
    title="Traces and receipts",
    title_fa="ردگیری و رسید",
    tags={
        "traces": "One transaction's whole story, and its receipt · ردگیری و رسید",
    },
    routers=(router,),
)
