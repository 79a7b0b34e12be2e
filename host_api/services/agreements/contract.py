"""A text as a contract: PDF, in both languages, with its version, its hash and fields for signatures."""

import io
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final

from fpdf import FPDF

from host_api.core.jalali import Language, calendar_for, format_date
from host_api.core.persian_text import persian_digits
from host_api.core.tehran_time import tehran_date
from host_api.services.agreements.canonical import canonical_text
from host_api.services.agreements.models import AgreementVersion

_FONT: Final = "Vazirmatn"
_MARGIN_MM: Final = 20
_LINE_MM: Final = 6.5
_SIGNATURE_MM: Final = 34
_TEXT_POINTS: Final = 11
_PLACES: Final = re.compile(r"\{(name|number|date)\}")


@dataclass(frozen=True, slots=True)
class ContractParty:
    """Who signs beside the club; `is_merchant` says what the number is."""

    name: str
    number: str
    is_merchant: bool

    def shown_number(self, language: str) -> str:
        """The number in the language's digits; one with letters stays as it is."""
        is_plain = language == "en" or not self.number.isdecimal()
        return self.number if is_plain else persian_digits(self.number)


@dataclass(frozen=True, slots=True)
class Contract:
    """What is printed.

    Parameters:
        accepted: when and how it was accepted, where it was: channel and proof.
        day: of the contract where nobody has accepted it yet.
    """

    code: str
    club: str
    version: AgreementVersion
    party: ContractParty
    accepted: tuple[datetime, str] | None
    day: datetime


def draw_contract(contract: Contract) -> bytes:
    """The PDF; of equal contracts the same bytes."""
    sheet = _Sheet(contract)
    sheet.add_page()
    for language in ("fa", "en"):
        sheet.write_text(language)
    sheet.write_signatures()
    out = io.BytesIO()
    sheet.output(out)
    return out.getvalue()


def filled(text: str, party: ContractParty, day: datetime, language: str) -> str:
    """A text with the party and the day in it; other words in braces stay."""
    spoken: Language = "fa" if language == "fa" else "en"
    values = {
        "name": party.name,
        "number": party.shown_number(language),
        "date": format_date(tehran_date(day), calendar_for(None, spoken), spoken),
    }
    return _PLACES.sub(lambda place: values[place[1]], text)


@cache
def _font_file() -> str:
    return str(files("host_api.services.agreements").joinpath("contract_font", "vazirmatn.ttf"))


class _Sheet(FPDF):
    """A4 with the club above and the version and hash below each page."""

    def __init__(self, contract: Contract) -> None:
        super().__init__(format="A4")
        self._contract = contract
        self._when = contract.accepted[0] if contract.accepted else contract.day
        self.set_creation_date(self._when)
        self.set_title(contract.version.title_en)
        self.set_lang("fa")
        self.set_margin(_MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=25)
        self.add_font(_FONT, fname=_font_file())

    def header(self) -> None:
        """The club's name, and whose copy it is."""
        self._speak("fa")
        self.set_font(_FONT, size=9)
        self.cell(0, 6, self._contract.club, align="R", new_x="LMARGIN", new_y="NEXT")
        self.ln(2)

    def footer(self) -> None:
        """Version, hash and page: what proves which text was signed."""
        version = self._contract.version
        self._speak("en")
        self.set_y(-20)
        self.set_font(_FONT, size=7)
        self.cell(
            0,
            4,
            f"{self._contract.code}  version {version.number}  page {self.page_no()}/{{nb}}",
            align="L",
            new_x="LMARGIN",
            new_y="NEXT",
        )
        self.cell(0, 4, f"SHA-256 {version.content_hash}", align="L")

    def write_text(self, language: str) -> None:
        """Title, parties and body in one language."""
        version, party = self._contract.version, self._contract.party
        is_persian = language == "fa"
        self._speak(language)
        title, body = (
            (version.title_fa, version.text_fa) if is_persian else (version.title_en, version.text_en)
        )
        self._paragraph(title, 15, 9, "R" if is_persian else "L")
        self._paragraph(_party_line(party, language), _TEXT_POINTS, _LINE_MM, "R" if is_persian else "L")
        self.ln(2)
        for line in filled(canonical_text(body), party, self._when, language).split("\n"):
            if line:
                self._paragraph(line, _TEXT_POINTS, _LINE_MM, "R" if is_persian else "L")
            else:
                self.ln(_LINE_MM / 2)
        self.ln(6)

    def write_signatures(self) -> None:
        """Two fields to be signed, and when it was accepted electronically."""
        if self.get_y() + _SIGNATURE_MM + 20 > self.h - 25:
            self.add_page()
        accepted = self._contract.accepted
        if accepted is not None:
            at, how = accepted
            self._speak("en")
            self._paragraph(f"Accepted {at:%Y-%m-%d %H:%M:%S} UTC ({how})", 9, 5, "L")
        self.ln(3)
        top, width = self.get_y(), (self.epw - 10) / 2
        labels = (("امضا و مهر باشگاه", "For the club"), (self._contract.party.name, "Signature"))
        for place, (persian, english) in enumerate(labels):
            left = self.l_margin + (width + 10 if place == 0 else 0)  # who reads Persian begins at the right
            self.rect(left, top, width, _SIGNATURE_MM)
            self._speak("fa")
            self.set_font(_FONT, size=9)
            self.set_xy(left, top + 1)
            self.cell(width, 5, persian, align="R")
            self._speak("en")
            self.set_xy(left, top + _SIGNATURE_MM - 6)
            self.cell(width, 5, english, align="L")

    def _paragraph(self, text: str, points: float, line_mm: float, align: str) -> None:
        self.set_font(_FONT, size=points)
        self.multi_cell(0, line_mm, text, align=align, new_x="LMARGIN", new_y="NEXT")

    def _speak(self, language: str) -> None:
        """Letters are joined and ordered by HarfBuzz, each script by its own rules."""
        self.set_text_shaping(use_shaping_engine=True, direction="rtl" if language == "fa" else "ltr")


def _party_line(party: ContractParty, language: str) -> str:
    if language == "fa":
        what = "پذیرنده" if party.is_merchant else "عضو"
        return f"{what}: {party.name}، شمارهٔ {party.shown_number(language)}"
    return f"{'Merchant' if party.is_merchant else 'Member'}: {party.name}, number {party.number}"
