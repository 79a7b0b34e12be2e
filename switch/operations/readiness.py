"""Why a switch does not authorise, as /health/ready tells it."""

from enum import Enum
from typing import NamedTuple


class _Wording(NamedTuple):
    en: str
    fa: str


class Obstacle(Enum):
    """What stands in the way of authorising."""

    STARTING = _Wording("the journal is being replayed", "دفتر در حال بازخوانی است")
    DRAINING = _Wording(
        "the switch stops: what has come in is answered, nothing more is taken",
        "سوئیچ در حال توقف است: به آنچه رسیده پاسخ می‌دهد و چیز تازه‌ای نمی‌پذیرد",
    )
    JOURNAL_FAILED = _Wording(
        "the journal can't be written: free or replace the disk, start again; nothing answered was lost",
        "نوشتن دفتر شکست خورد: دیسک را آزاد یا عوض کنید و دوباره راه بیندازید؛ پاسخ داده‌شده‌ای گم نشده است",
    )
    FAILED = _Wording(
        "a fault of the switch's own, see its log; authorising was stopped so that nothing wrong is answered",
        "خطای خود سوئیچ، گزارش را ببینید؛ برای آنکه پاسخ نادرستی نرود کار متوقف شد",
    )

    @property
    def code(self) -> str:
        """Its name in answers."""
        return self.name.lower().replace("_", "-")


def told(obstacle: Obstacle) -> dict[str, str]:
    """An obstacle as JSON, in both languages."""
    return {"code": obstacle.code, "en": obstacle.value.en, "fa": obstacle.value.fa}
