"""What the files service gives."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class FileRead(BaseModel):
    """A file; its content comes from `/content` or by a link."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 7,
                "name": "members.csv",
                "media_type": "text/csv",
                "size": 48213,
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "audience": "members:write",
                "created_by": "first key",
                "created_at": "2026-11-22T09:30:00Z",
                "expires_at": "2026-12-22T09:30:00Z",
            }
        }
    )

    id: int
    name: str
    media_type: str = Field(description="Told by the content.")
    size: int = Field(description="Bytes.")
    sha256: str = Field(description="SHA-256 of the content in hexadecimal digits.")
    audience: str | None = Field(description="Permission that its reader needs beside `files:read`.")
    created_by: str
    created_at: datetime
    expires_at: datetime = Field(description="It is deleted then.")


class FileLinkRead(BaseModel):
    """A link that downloads one file without a key."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "path": "/downloads/AAAAAAAAAAEAAAAAAAAABwAAAABnQE",
                "expires_at": "2026-11-22T09:45:00Z",
            }
        }
    )

    path: str = Field(description="Address on this host.")
    expires_at: datetime
