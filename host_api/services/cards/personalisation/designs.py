"""Designs of cards."""

from typing import Final

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.files.file_table import find_file
from host_api.core.files.media_types import MediaType
from host_api.core.files.references import FileUse, refers_to_files
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.cards.personalisation.listing import DesignQuery
from host_api.services.cards.personalisation.models import CardDesign
from host_api.services.cards.personalisation.problems import DesignFileNotFound, DesignNotFound
from host_api.services.cards.personalisation.schemas import (
    DesignChange,
    DesignCreate,
    DesignRead,
    DesignStatus,
    Element,
)

_PICTURES: Final = (MediaType.PNG.value, MediaType.JPEG.value, MediaType.PDF.value)
_NULLABLE: Final = ("chip_zone", "chip_generation")


async def create(session: WriteSession, wanted: DesignCreate) -> DesignRead:
    """Store a new design.

    Raises:
        DesignFileNotFound
    """
    await _check_files(session, wanted.elements)
    design = CardDesign(
        **wanted.model_dump(mode="json"), status=DesignStatus.ACTIVE.value, created_at=utc_now()
    )
    session.add(design)
    await session.flush()
    return DesignRead.model_validate(design)


async def change(session: WriteSession, design_id: int, wanted: DesignChange, if_match: str) -> DesignRead:
    """Change a design; files of batches stay as they were made.

    Raises:
        DesignNotFound, DesignFileNotFound, ChangedMeanwhile
    """
    design = await session.get(CardDesign, design_id)
    if design is None:
        raise DesignNotFound
    check_version(design, if_match)
    await _check_files(session, wanted.elements or [])
    for name, value in wanted.model_dump(mode="json", exclude_unset=True).items():
        if value is not None or name in _NULLABLE:
            setattr(design, name, value)
    await session.flush()
    return DesignRead.model_validate(design)


async def read(session: AnySession, design_id: int) -> DesignRead:
    """One design.

    Raises:
        DesignNotFound
    """
    design = await session.get(CardDesign, design_id)
    if design is None:
        raise DesignNotFound
    return DesignRead.model_validate(design)


async def read_page(session: ReadSession, query: DesignQuery) -> Page[DesignRead]:
    """A page of designs."""
    rows, next_cursor = await read_rows(session, select(CardDesign), query)
    return Page(items=[DesignRead.model_validate(row) for row in rows], next_cursor=next_cursor)


@refers_to_files
async def _uses_of_file(session: AnySession, file_id: int) -> list[FileUse]:
    designs = await session.scalars(select(CardDesign).order_by(CardDesign.id))
    return [
        FileUse(
            "card-design", f"It is a picture of card design {design.id}", f"تصویر طرح کارت {design.id} است."
        )
        for design in designs
        if any(element.get("file_id") == file_id for element in design.elements)
    ]


async def _check_files(session: AnySession, elements: list[Element]) -> None:
    for file_id in {element.file_id for element in elements if element.file_id is not None}:
        file = await find_file(session, file_id, now=utc_now())
        if file is None or file.media_type not in _PICTURES:
            raise DesignFileNotFound
