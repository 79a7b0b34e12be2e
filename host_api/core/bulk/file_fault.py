"""What is wrong with a file or one of its rows. No text repeats a value: it may be personal."""

from dataclasses import dataclass
from typing import Final

_FAULTS: Final = {
    "not-utf-8": ("The file is not UTF-8 text", "متن فایل با UTF-8 نوشته نشده است."),
    "csv": ("The row can't be read as CSV", "این سطر به شکل CSV خوانده نمی‌شود."),
    "xlsx": ("The workbook can't be read", "این کارپوشه (XLSX) خوانده نمی‌شود."),
    "json": ("This can't be read as JSON", "این بخش به شکل JSON خوانده نمی‌شود."),
    "not-an-object": ("A row must be a JSON object", "هر سطر باید یک شیء JSON باشد."),
    "row-too-long": ("The row is too long", "این سطر بیش از اندازه بلند است."),
    "too-many-rows": ("A file may have at most 200,000 rows", "فایل حداکثر می‌تواند ۲۰۰٬۰۰۰ سطر داشته باشد."),
    "too-many-columns": ("A row may have at most 64 columns", "هر سطر حداکثر می‌تواند ۶۴ ستون داشته باشد."),
    "no-rows": ("The file has no rows", "فایل هیچ سطری ندارد."),
    "unknown-column": ("This column is not known", "این ستون شناخته نیست."),
    "double-column": ("This column is there twice", "این ستون دو بار آمده است."),
    "missing-column": ("This column is needed", "این ستون لازم است."),
    "cell-without-column": ("The row has more cells than the header", "این سطر از سرستون‌ها بیشتر است."),
    "double-row": ("An earlier row has the same key", "سطر پیشتری همین کلید را دارد."),
    "exists": ("There is a record with this key already", "رکوردی با همین کلید از پیش هست."),
    "too-many-faults": (
        "There are more faults; correct these first",
        "خطاهای بیشتری هست؛ نخست این‌ها را درست کنید.",
    ),
}


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing wrong with one row.

    Attributes:
        row: number as a spreadsheet shows it, the header being row 1; of JSON the place in the list.
        column: its name, empty for the whole row.
    """

    row: int
    column: str
    code: str
    message: str
    message_fa: str


class FileFault(Exception):  # noqa: N818  (a fault is the field's word)
    """The file can't be read beyond a row."""

    def __init__(self, code: str, row: int, column: str = "") -> None:
        super().__init__(code)
        self.fault = known_fault(code, row, column)


def known_fault(code: str, row: int, column: str = "") -> RowFault:
    """A fault of this module's own kinds."""
    message, message_fa = _FAULTS[code]
    return RowFault(row, column, code, message, message_fa)
