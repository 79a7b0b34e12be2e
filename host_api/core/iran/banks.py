"""Banks and credit institutions: their codes in a Sheba and the prefixes of their cards.

The codes are the Central Bank's; those of merged banks stay, for their accounts and cards live on.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank.

    Attributes:
        code: three digits, as in a Sheba.
        card_prefixes: the first six digits of its cards (IIN, ISO/IEC 7812-1).
    """

    code: str
    name: str
    name_fa: str
    card_prefixes: tuple[str, ...] = ()


BANKS: Final = (
    Bank("010", "Central Bank of Iran", "بانک مرکزی", ("636795",)),
    Bank("011", "Bank of Industry and Mine", "بانک صنعت و معدن", ("627961",)),
    Bank("012", "Bank Mellat", "بانک ملت", ("610433", "991975")),
    Bank("013", "Refah Bank", "بانک رفاه کارگران", ("589463",)),
    Bank("014", "Bank Maskan", "بانک مسکن", ("628023",)),
    Bank("015", "Bank Sepah", "بانک سپه", ("589210",)),
    Bank("016", "Bank Keshavarzi", "بانک کشاورزی", ("603770", "639217")),
    Bank("017", "Bank Melli Iran", "بانک ملی ایران", ("603799", "170019")),
    Bank("018", "Tejarat Bank", "بانک تجارت", ("627353", "585983")),
    Bank("019", "Bank Saderat Iran", "بانک صادرات ایران", ("603769",)),
    Bank("020", "Export Development Bank of Iran", "بانک توسعهٔ صادرات ایران", ("627648", "207177")),
    Bank("021", "Post Bank of Iran", "پست بانک ایران", ("627760",)),
    Bank("022", "Tose'e Ta'avon Bank", "بانک توسعه تعاون", ("502908",)),
    Bank("051", "Tose'e Credit Institution", "موسسهٔ اعتباری توسعه", ("628157",)),
    Bank("052", "Ghavamin Bank", "بانک قوامین", ("639599",)),
    Bank("053", "Karafarin Bank", "بانک کارآفرین", ("627488", "502910")),
    Bank("054", "Parsian Bank", "بانک پارسیان", ("622106", "627884", "639194")),
    Bank("055", "EN Bank", "بانک اقتصاد نوین", ("627412",)),
    Bank("056", "Saman Bank", "بانک سامان", ("621986",)),
    Bank("057", "Bank Pasargad", "بانک پاسارگاد", ("502229", "639347")),
    Bank("058", "Sarmayeh Bank", "بانک سرمایه", ("639607",)),
    Bank("059", "Sina Bank", "بانک سینا", ("639346",)),
    Bank("060", "Mehr Iran Bank", "بانک قرض‌الحسنهٔ مهر ایران", ("606373",)),
    Bank("061", "Shahr Bank", "بانک شهر", ("502806", "504706")),
    Bank("062", "Ayandeh Bank", "بانک آینده", ("636214",)),
    Bank("063", "Ansar Bank", "بانک انصار", ("627381",)),
    Bank("064", "Gardeshgari Bank", "بانک گردشگری", ("505416",)),
    Bank("065", "Hekmat Iranian Bank", "بانک حکمت ایرانیان", ("636949",)),
    Bank("066", "Day Bank", "بانک دی", ("502938",)),
    Bank("069", "Iran Zamin Bank", "بانک ایران زمین", ("505785",)),
    Bank("070", "Resalat Bank", "بانک قرض‌الحسنهٔ رسالت", ("504172",)),
    Bank("073", "Kosar Credit Institution", "موسسهٔ اعتباری کوثر", ("505801",)),
    Bank("075", "Melal Credit Institution", "موسسهٔ اعتباری ملل", ("606256",)),
    Bank("078", "Middle East Bank", "بانک خاورمیانه", ("585947", "505809")),
    Bank("079", "Mehr Eqtesad Bank", "بانک مهر اقتصاد", ("639370",)),
    Bank("080", "Noor Credit Institution", "موسسهٔ اعتباری نور", ("507677",)),
    Bank("095", "Iran-Venezuela Bi-National Bank", "بانک مشترک ایران و ونزوئلا", ("581874",)),
)

_BY_CODE: Final = {bank.code: bank for bank in BANKS}
_BY_CARD_PREFIX: Final = {prefix: bank for bank in BANKS for prefix in bank.card_prefixes}


def bank_of_code(code: str) -> Bank | None:
    """The bank with these three digits in its Shebas."""
    return _BY_CODE.get(code)


def bank_of_card_prefix(prefix: str) -> Bank | None:
    """The bank whose cards begin with these six digits."""
    return _BY_CARD_PREFIX.get(prefix)
