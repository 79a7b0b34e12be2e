"""How files are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.files.file_table import StoredFile
from host_api.core.files.media_types import MediaType
from host_api.core.listing import Column, Equals, ListQuery


class FileSort(StrEnum):
    """Orders of files."""

    ID = "id"
    LATEST = "-id"


class FileQuery(ListQuery):
    """Which files, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": StoredFile.id}

    sort: FileSort = Field(default=FileSort.LATEST, description="The order; a minus turns it round.")
    media_type: Annotated[MediaType | None, Equals(StoredFile.media_type)] = None
