"""The sectors: the same for every programme, so that figures of clubs can be compared."""

from enum import StrEnum
from typing import Final


class Sector(StrEnum):
    """A sector's code, as terminals' records and rules have it: at most 16 bytes."""

    BANK = "bank"
    INSURANCE = "insurance"
    BROKERAGE = "brokerage"
    LEASING = "leasing"
    AUTOMOTIVE = "automotive"
    FOOD = "food"
    APPLIANCES = "appliances"
    CARE = "care"
    MEDICAL = "medical"
    APPAREL = "apparel"
    CHAIN_STORES = "chain-stores"
    RESTAURANT = "restaurant"
    TRAVEL = "travel"
    MALLS = "malls"
    EDUCATION = "education"
    GUILDS = "guilds"
    LEISURE = "leisure"


SECTOR_TITLES: Final = {
    Sector.BANK: ("Banks and credit institutions", "بانک و مؤسسهٔ اعتباری"),
    Sector.INSURANCE: ("Insurance", "بیمه"),
    Sector.BROKERAGE: ("Brokerage", "کارگزاری"),
    Sector.LEASING: ("Leasing", "لیزینگ"),
    Sector.AUTOMOTIVE: ("Automotive", "خودرو"),
    Sector.FOOD: ("Food", "مواد غذایی"),
    Sector.APPLIANCES: ("Home appliances", "لوازم خانگی"),
    Sector.CARE: ("Detergents and cosmetics", "شوینده و آرایشی بهداشتی"),
    Sector.MEDICAL: ("Medical", "درمان و پزشکی"),
    Sector.APPAREL: ("Apparel and jewellery", "پوشاک و جواهر"),
    Sector.CHAIN_STORES: ("Chain stores", "فروشگاه زنجیره‌ای"),
    Sector.RESTAURANT: ("Restaurants", "رستوران"),
    Sector.TRAVEL: ("Hotels, travel and airlines", "هتل، سفر و هواپیمایی"),
    Sector.MALLS: ("Malls", "مرکز خرید"),
    Sector.EDUCATION: ("Education", "آموزش"),
    Sector.GUILDS: ("Guilds and unions", "صنف و اتحادیه"),
    Sector.LEISURE: ("Culture, sport and leisure", "فرهنگ، ورزش و تفریح"),
}
