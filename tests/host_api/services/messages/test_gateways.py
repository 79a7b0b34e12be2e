"""Adapters against servers on real sockets: SMS by REST and SMPP, e-mail by SMTP; sizes of texts."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from host_api.core.outgoing.addresses import AddressPolicy
from host_api.services.messages.gateways.adapter import OutgoingMessage, Verdict
from host_api.services.messages.gateways.schemas import SmppSettings, SmtpSecurity, SmtpSettings
from host_api.services.messages.gateways.smpp import Smpp
from host_api.services.messages.gateways.sms_parts import Alphabet, sms_size
from host_api.services.messages.gateways.sms_rest import SmsRest
from host_api.services.messages.gateways.smtp import Smtp
from tests.host_api.services.messages.sms_provider import sms_provider
from tests.host_api.services.messages.smsc import smsc

pytestmark = pytest.mark.anyio

_HERE = AddressPolicy(loopback=True)
_PERSIAN = "سلام؛ امتیاز شما ۱۲۵۰ است. " * 6


def _to(*numbers: str, text: str = "سلام") -> list[OutgoingMessage]:
    return [OutgoingMessage(10 + place, number, text, "موضوع") for place, number in enumerate(numbers)]


@pytest.mark.parametrize(
    ("text", "alphabet", "parts"),
    [
        ("", Alphabet.GSM7, 1),
        ("a" * 160, Alphabet.GSM7, 1),
        ("a" * 161, Alphabet.GSM7, 2),
        ("a" * 306, Alphabet.GSM7, 2),
        ("a" * 307, Alphabet.GSM7, 3),
        ("€" * 80, Alphabet.GSM7, 1),
        ("a" * 152 + "€" + "a" * 152, Alphabet.GSM7, 3),  # the escape isn't parted from its letter
        ("س" * 70, Alphabet.UCS2, 1),
        ("س" * 71, Alphabet.UCS2, 2),
        ("س" * 134, Alphabet.UCS2, 2),
        ("😀" * 35, Alphabet.UCS2, 1),
        ("😀" * 67, Alphabet.UCS2, 3),  # 33 pairs go in a part of 67
    ],
)
def test_the_parts_of_a_text_message(text: str, alphabet: Alphabet, parts: int) -> None:
    size = sms_size(text)
    assert (size.alphabet, size.parts) == (alphabet, parts)


async def test_sms_by_rest() -> None:
    async with sms_provider() as provider:
        adapter = SmsRest(_HERE, provider.url, "s3cret", "10008000")
        try:
            messages = _to("+989120000001", "+989120000002", "+989120000003")
            answers = await adapter.send(messages)
            assert provider.calls == 1  # one call for one text
            assert {answer.verdict for answer in answers.values()} == {Verdict.ACCEPTED}
            assert answers[10].provider_id == "8000010"
            assert answers[10].cost_rials == 120
            assert await adapter.ask(["8000010"]) == {"8000010": True}
            await adapter.send(messages)
            assert len(provider.sent) == 3  # sent once, whatever happens
            provider.refused = {"+989120000002"}
            answers = await adapter.send(messages)
            assert [answers[each].verdict for each in (10, 11, 12)] == [
                Verdict.ACCEPTED,
                Verdict.REFUSED,
                Verdict.ACCEPTED,
            ]
            provider.failing = [418]
            answers = await adapter.send(messages[:1])
            assert (answers[10].verdict, answers[10].failure) == (Verdict.UNREACHABLE, "gateway-418")
        finally:
            await adapter.close()
        guarded = SmsRest(AddressPolicy(), provider.url, "s3cret", "10008000")
        answers = await guarded.send(messages[:1])
        assert (answers[10].verdict, answers[10].failure) == (Verdict.UNREACHABLE, "address-refused")
        await guarded.close()


async def test_sms_by_smpp() -> None:
    async with smsc() as centre:
        settings = SmppSettings(host="127.0.0.1", port=centre.port, system_id="club", sender="10008000")
        adapter = Smpp(_HERE, settings, "secret")
        try:
            answers = await adapter.send(_to("+989120000001", "+989120000002", text=_PERSIAN))
            assert [answers[each].verdict for each in (10, 11)] == [Verdict.ACCEPTED] * 2
            names = [str(answers[each].provider_id) for each in (10, 11)]
            assert await adapter.ask(names) == dict.fromkeys(names, True)
        finally:
            await adapter.close()
        assert [(number, text.decode("utf-16-be")) for number, _, text in centre.submitted] == [
            ("989120000001", _PERSIAN),
            ("989120000002", _PERSIAN),
        ]
        assert {coding for _, coding, _ in centre.submitted} == {8}
        refused = await Smpp(AddressPolicy(), settings, "secret").send(_to("+989120000001"))
        assert refused[10].verdict is Verdict.UNREACHABLE


class _Mailbox:
    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_RCPT(  # noqa: N802  (the library's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such user"
        if address.startswith("busy"):
            return "450 later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@asynccontextmanager
async def _mail_server() -> AsyncIterator[tuple[_Mailbox, int]]:
    box = _Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, loop=loop), "127.0.0.1", 0)
    try:
        yield box, server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_mail_by_smtp() -> None:
    async with _mail_server() as (box, port):
        settings = SmtpSettings(
            host="127.0.0.1",
            port=port,
            security=SmtpSecurity.NONE,
            sender="club@example.ir",
            sender_name="باشگاه",
        )
        adapter = Smtp(_HERE, settings, None)
        answers = await adapter.send(
            _to("sara@example.ir", "nobody@example.ir", "busy@example.ir", "ali@example.ir")
        )
        assert [answers[each].verdict for each in (10, 11, 12, 13)] == [
            Verdict.ACCEPTED,
            Verdict.REFUSED,
            Verdict.UNREACHABLE,
            Verdict.ACCEPTED,
        ]
        assert [mail["To"] for mail in box.mails] == ["sara@example.ir", "ali@example.ir"]
        first = box.mails[0]
        assert (first["Subject"], first.get_content().strip()) == ("موضوع", "سلام")
        assert first["From"] == "باشگاه <club@example.ir>"
        refused = await Smtp(AddressPolicy(), settings, None).send(_to("sara@example.ir"))
        assert (refused[10].verdict, refused[10].failure) == (Verdict.UNREACHABLE, "address-refused")
