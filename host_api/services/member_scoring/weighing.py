"""From what was measured to a score and its band, in whole numbers. Knows no database."""

from collections.abc import Sequence

from host_api.services.member_scoring.content import FULL, ScoringBand, ScoringContent, ScoringIndicator

# Of each indicator, in the model's order; None where there is nothing to measure.
Measured = Sequence[int | None]


def figure_of(indicator: ScoringIndicator, value: int | None) -> int:
    """What a measured value makes, from 0 to 1000, rounded down; nothing to measure makes 0."""
    if value is None:
        return 0
    if indicator.full is None:
        return max((step.figure for step in indicator.steps if value >= step.from_value), default=0)
    way, whole = value - indicator.none, indicator.full - indicator.none
    if whole < 0:
        way, whole = -way, -whole
    return max(0, min(FULL, way * FULL // whole))


def score_of(content: ScoringContent, measured: Measured) -> int:
    """The weighted mean of all figures, from 0 to 1000, rounded down."""
    weighed = sum(
        indicator.weight * figure_of(indicator, value)
        for indicator, value in zip(content.indicators, measured, strict=True)
    )
    return weighed // sum(indicator.weight for indicator in content.indicators)


def band_of(content: ScoringContent, score: int) -> ScoringBand:
    """The highest band that a score reaches."""
    return [band for band in content.bands if band.from_score <= score][-1]
