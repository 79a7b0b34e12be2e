"""What the sectors service gives."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.services.sectors.logic import Sector


class SectorRead(BaseModel):
    """A sector of industry."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"code": "food", "title": "Food", "title_fa": "مواد غذایی"}}
    )

    code: Sector = Field(description="What rules name.")
    title: str
    title_fa: str
