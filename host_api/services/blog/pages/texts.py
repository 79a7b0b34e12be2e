"""What the public pages say."""

from collections.abc import Mapping
from typing import Final

from host_api.core.errors import Language

TEXTS: Final[Mapping[Language, Mapping[str, str]]] = {
    "fa": {
        "other": "English",
        "latest": "تازه‌ترین‌ها",
        "search": "جستجو",
        "found": "یافته‌ها برای",
        "nothing": "مطلبی یافت نشد.",
        "most_viewed": "پربازدیدها",
        "minutes": "دقیقه مطالعه",
        "related": "مطالب مرتبط",
        "references": "ارجاع‌ها",
        "reviews": "نظر خوانندگان",
        "no_reviews": "هنوز نظری ثبت نشده است؛ از برنامهٔ باشگاه بنویسید.",
        "older": "قدیمی‌ترها",
        "home": "خانه",
        "feed": "خوراک",
        "missing": "این صفحه پیدا نشد",
        "stars": "از ۵",
        "tags": "برچسب‌ها",
    },
    "en": {
        "other": "فارسی",
        "latest": "Latest",
        "search": "Search",
        "found": "Found for",
        "nothing": "No article was found.",
        "most_viewed": "Most viewed",
        "minutes": "min read",
        "related": "Related articles",
        "references": "References",
        "reviews": "What readers say",
        "no_reviews": "No reviews yet; write one in the club's app.",
        "older": "Older",
        "home": "Home",
        "feed": "Feed",
        "missing": "There is no such page",
        "stars": "of 5",
        "tags": "Tags",
    },
}
