"""Plots as SVG: lines over an axis, without scripts and without anything from elsewhere."""

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

_WIDTH, _HEIGHT = 860, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 28, 36
_TICKS = 5
# A line of more points than pixels shows nothing more.
_POINTS_MAX = 1600
_STEPS = (1, 2, 2.5, 5, 10)

Point = tuple[float, float | None]


class Line(NamedTuple):
    """A line with its class in the style sheet; where y is None it has a gap."""

    name: str
    style: str
    points: Sequence[Point]


def plot(
    title: str,
    unit: str,
    across: str,
    lines: Sequence[Line],
    *,
    logarithmic: bool = False,
    ticks: Sequence[tuple[float, str]] = (),
) -> str:
    """A plot; `unit` stands at the upright axis, `across` at the other one, which begins at 0.

    `ticks` are places of that one with their texts, in place of whole numbers. Empty without any point.
    """
    shown = [(x, y) for line in lines for x, y in line.points if y is not None]
    if not shown:
        return ""
    right = max(x for x, _ in shown) or 1.0
    greatest = max(y for _, y in shown)
    least = min((y for _, y in shown if y > 0), default=0.0)
    if logarithmic and least > 0:
        low = 10.0 ** math.floor(math.log10(least))
        high = 10.0 ** math.ceil(math.log10(greatest) - 1e-9)
        span = math.log10(high / low) or 1.0
        heights = [low * 10**n for n in range(round(span) + 1)]

        def place(y: float) -> float:
            return math.log10(max(y, low) / low) / span
    else:
        step = _step(greatest / _TICKS)
        heights = [step * n for n in range(math.ceil(greatest / step - 1e-9) + 1)] if greatest else [0.0, 1.0]
        high = heights[-1]

        def place(y: float) -> float:
            return float(y / high)

    def at_x(x: float) -> float:
        return _LEFT + x / right * (_WIDTH - _LEFT - _RIGHT)

    def at_y(y: float) -> float:
        return _HEIGHT - _BOTTOM - place(y) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f"<figure><figcaption>{escape(title)}</figcaption>"
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">'
    ]
    for height in heights:
        y = at_y(height)
        parts.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>')
        parts.append(f'<text class="up" x="{_LEFT - 6}" y="{y + 4:.1f}">{number_text(height)}</text>')
    if not ticks:
        step = max(_step(right / 10), 1.0)
        ticks = [(step * n, number_text(step * n)) for n in range(math.floor(right / step) + 1)]
    for place_across, text in ticks:
        if place_across <= right:
            x = at_x(place_across)
            parts.append(f'<text class="across" x="{x:.1f}" y="{_HEIGHT - 18}">{text}</text>')
    parts.append(f'<text class="unit" x="{_LEFT - 6}" y="16">{escape(unit)}</text>')
    parts.append(f'<text class="name" x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 4}">{escape(across)}</text>')
    parts += [f'<path class="{line.style}" d="{_path(line.points, at_x, at_y)}"/>' for line in lines]
    parts.append("</svg>")
    parts.append("<p>" + " ".join(f'<span class="{line.style}">{escape(line.name)}</span>' for line in lines))
    return "".join([*parts, "</p></figure>"])


def number_text(value: float) -> str:
    """A number without needless digits."""
    return f"{value:,.0f}" if value == round(value) else f"{value:.3g}"


def _step(least: float) -> float:
    """A round number, at least this."""
    power = 10.0 ** math.floor(math.log10(least)) if least > 0 else 1.0
    return next(step * power for step in _STEPS if step * power >= least * (1 - 1e-9)) if least > 0 else 1.0


def _path(points: Sequence[Point], at_x: Callable[[float], float], at_y: Callable[[float], float]) -> str:
    stride = -(-len(points) // _POINTS_MAX) or 1
    found, is_down = [], False
    for x, y in points[::stride]:
        if y is None:
            is_down = False
            continue
        found.append(f"{'L' if is_down else 'M'}{at_x(x):.1f} {at_y(y):.1f}")
        is_down = True
    # A point alone is a dot: the ends of lines are round.
    return "".join(found) + ("h0" if found else "")
