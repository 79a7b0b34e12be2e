"""What ready programmes are made of, and what their endpoints give."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from host_api.services.administrators.programmes.schemas import ProgrammeRead
from host_api.services.administrators.roles.schemas import RoleCreate
from host_api.services.cards.products.schemas import ProductCreate
from host_api.services.rules.templates.schemas import TemplateUse

TemplateName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,47}$")]
Told = Annotated[str, Field(min_length=1, max_length=300)]


class ProgrammeTemplate(BaseModel):
    """One data file.

    Attributes:
        rules: ready rules with parameters, of which the rule document is made.
        modules_off: parts of the software that such a club does without.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: TemplateName
    title: Told
    title_fa: Told
    text: Told
    text_fa: Told
    rules: Annotated[tuple[TemplateUse, ...], Field(min_length=1, max_length=32)]
    card_products: Annotated[tuple[ProductCreate, ...], Field(max_length=8)] = ()
    roles: Annotated[tuple[RoleCreate, ...], Field(max_length=8)] = ()
    modules_off: Annotated[tuple[str, ...], Field(max_length=64)] = ()


_TEMPLATE: JsonDict = {
    "name": "restaurant",
    "title": "Restaurant",
    "title_fa": "رستوران",
    "text": "A stamp for each visit, and the tenth meal is on the house.",
    "text_fa": "هر بار یک مهر، و غذای دهم مهمان رستوران.",
    "rules": ["stamps", "points-by-amount"],
    "card_products": ["GUEST"],
    "roles": ["Waiter · گارسون"],
    "modules_off": ["trading_credit"],
}


class ProgrammeTemplateRead(BaseModel):
    """A kind of club of which a programme can be made."""

    model_config = ConfigDict(json_schema_extra={"example": _TEMPLATE})

    name: str
    title: str
    title_fa: str
    text: str
    text_fa: str
    rules: list[str] = Field(description="Names of the ready rules (`GET /v1/rules/templates`).")
    card_products: list[str]
    roles: list[str] = Field(description="Beside the roles that every programme begins with.")
    modules_off: list[str]


class ReadyProgramme(BaseModel):
    """A programme that was made from a template."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "programme": ProgrammeRead.model_json_schema()["example"],
                "template": "restaurant",
                "owner_username": "reza",
                "first_password": "gezd-gnbv-gy3t-qojq",
            }
        }
    )

    programme: ProgrammeRead
    template: str
    owner_username: str
    first_password: str | None = Field(description="Of the owner; null where the programme was there.")
