"""What gateways are set up with."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from host_api.services.members.identities.kinds import EMAIL_PATTERN
from host_api.services.messages.states import Channel

_HOST = r"^[A-Za-z0-9.:-]+$"
GatewayName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]
Secret = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]


class SmtpSecurity(StrEnum):
    """How a connection to a mail server is secured."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class SmsRestSettings(BaseModel):
    """An SMS provider with an API as Kavenegar's; its key is the secret."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["sms_rest"] = "sms_rest"
    url: str = Field(max_length=200, pattern=r"^https?://[\x21-\x7e]+$", description="Where `v1/` begins.")
    sender: str = Field(max_length=20, pattern=r"^\+?[0-9]+$", description="The line that texts come from.")


class SmppSettings(BaseModel):
    """An SMSC that speaks SMPP 3.4; its password, at most 8 characters, is the secret."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["smpp"] = "smpp"
    host: str = Field(max_length=200, pattern=_HOST)
    port: int = Field(default=2775, ge=1, le=65_535)
    system_id: str = Field(max_length=15, pattern=r"^[\x21-\x7e]+$")
    sender: str = Field(max_length=20, pattern=r"^\+?[0-9]+$", description="The line that texts come from.")


class SmtpSettings(BaseModel):
    """A mail server; the user's password is the secret."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["smtp"] = "smtp"
    host: str = Field(max_length=200, pattern=_HOST)
    port: int = Field(default=465, ge=1, le=65_535)
    security: SmtpSecurity = SmtpSecurity.TLS
    user: str | None = Field(default=None, max_length=100, pattern=r"^[\x21-\x7e]+$")
    sender: str = Field(
        max_length=120, pattern=EMAIL_PATTERN, description="The address that mails come from."
    )
    sender_name: GatewayName = Field(description="Whom mails come from, as people read it.")


GatewaySettings = Annotated[SmsRestSettings | SmppSettings | SmtpSettings, Field(discriminator="kind")]


def channel_of(settings: SmsRestSettings | SmppSettings | SmtpSettings) -> Channel:
    """The channel that a gateway serves."""
    return Channel.EMAIL if isinstance(settings, SmtpSettings) else Channel.SMS


class MessageGatewayCreate(BaseModel):
    """A gateway; where it is active, it takes over from the active one of its channel."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "example": {
                "name": "خط خدماتی",
                "settings": {"kind": "sms_rest", "url": "https://sms.example.ir", "sender": "10008000"},
                "secret": "k3y0fTheGateway",
                "rials_per_part": 1_200,
            }
        },
    )

    name: GatewayName
    settings: GatewaySettings
    secret: Secret | None = Field(default=None, description="Kept sealed, and never told.")
    rials_per_part: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="What a part, or a mail, costs; a provider's own price goes before.",
    )
    is_active: bool = True

    @model_validator(mode="after")
    def _check_secret(self) -> Self:
        if self.secret is None and not isinstance(self.settings, SmtpSettings):
            raise PydanticCustomError("secret_missing", "This kind of gateway needs its secret")
        if isinstance(self.settings, SmppSettings) and len(self.secret or "") > 8:
            raise PydanticCustomError("secret_too_long", "A password of SMPP has at most 8 characters")
        return self


class MessageGatewayUpdate(BaseModel):
    """What is changed of a gateway; of another provider make another one."""

    model_config = ConfigDict(
        extra="forbid", hide_input_in_errors=True, json_schema_extra={"example": {"is_active": False}}
    )

    name: GatewayName | None = None
    secret: Secret | None = None
    rials_per_part: int | None = Field(default=None, ge=0, le=1_000_000)
    is_active: bool | None = None


class MessageGatewayRead(BaseModel):
    """A gateway without its secret."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 1,
                "channel": "sms",
                "name": "خط خدماتی",
                "settings": {"kind": "sms_rest", "url": "https://sms.example.ir", "sender": "10008000"},
                "has_secret": True,
                "rials_per_part": 1_200,
                "is_active": True,
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    channel: Channel
    name: str
    settings: GatewaySettings
    has_secret: bool
    rials_per_part: int
    is_active: bool
    created_at: datetime
