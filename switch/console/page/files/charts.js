// Charts over time. They run from left to right in both languages.
import { make, write } from "./dom.js";
import { clock, hour, moment, number, text } from "./words.js";

const HEIGHT = 190;
const FONT = "12px Vazirmatn, 'Noto Sans Arabic', 'DejaVu Sans', Tahoma, sans-serif";

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export class Chart {
  /** `series` are {name, title, colour, scale}; values are divided by `unit` and shown with `digits`. */
  constructor({ title, series, unit = 1, digits = 0, suffix = "" }) {
    this.title = title;
    this.series = series;
    this.unit = unit;
    this.digits = digits;
    this.suffix = suffix;
    this.box = make("div", { class: "plot", dir: "ltr", role: "img" });
    this.legend = make("ul", { class: "legend" });
    this.values = series.map((each) => {
      const value = make("b");
      this.legend.append(make("li", {}, make("i", { class: `swatch ${each.swatch}` }), `${each.title} `, value));
      return value;
    });
    this.element = make("figure", { class: "panel chart" }, make("figcaption", {}, make("h2", {}, title), this.legend), this.box);
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(this.box);
  }

  resize() {
    const width = Math.floor(this.box.clientWidth);
    if (this.plot && width && width !== this.plot.width) this.plot.setSize({ width, height: HEIGHT });
  }

  close() {
    this.resizing.disconnect();
    this.plot?.destroy();
    this.plot = null;
  }

  show(times, columns, isLong) {
    const data = [times.map((ms) => ms / 1000), ...columns.map((column) => column.map((value) => value === null ? null : value / this.unit))];
    if (!this.plot || this.isLong !== isLong) {
      this.plot?.destroy();
      this.isLong = isLong;
      this.plot = new uPlot(this.options(isLong), data, this.box);
    } else {
      this.plot.setData(data);
    }
    const spoken = this.series.map((each, place) => {
      const last = columns[place].at(-1);
      const shown = last === undefined || last === null ? "–" : `${number(last / this.unit, this.digits)}${this.suffix}`;
      write(this.values[place], shown);
      return `${each.title} ${shown}`;
    });
    const time = isLong ? moment : clock;
    const shownTime = times.length ? text("from_until", { from: time(times[0]), until: time(times.at(-1)) }) : "";
    this.box.setAttribute("aria-label", [this.title, shownTime, ...spoken].join(text("and")));
  }

  options(isLong) {
    const axis = { stroke: colour("--quiet"), font: FONT, grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
    return {
      width: Math.max(200, Math.floor(this.box.clientWidth)),
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, points: { size: 6 } },
      padding: [8, 12, 0, 0],
      scales: { y: { range: (_, least, most) => [0, Math.max(most * 1.1, 1 / 10 ** this.digits * 5)] } },
      axes: [
        { ...axis, space: 80, size: 32, values: (_, ticks) => ticks.map((seconds) => (isLong ? hour : clock)(seconds * 1000)) },
        { ...axis, size: 58, values: (_, ticks) => ticks.map((value) => number(value, value % 1 ? Math.max(1, this.digits) : 0)) },
      ],
      series: [{}, ...this.series.map((each) => ({
        label: each.title, stroke: colour(each.colour), width: 1.75, points: { show: false }, spanGaps: false,
        fill: each.fills ? colour(`${each.colour}-pale`) : undefined,
      }))],
    };
  }
}

export function rangeButtons(ranges, chosen, onChoose) {
  const buttons = ranges.map((range) => make("button", {
    type: "button", "aria-pressed": String(range === chosen), "data-range": range,
    onclick: () => {
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.range === range));
      onChoose(range);
    },
  }, text(`range_${range}`)));
  return make("div", { class: "ranges", role: "group", "aria-label": text("range") }, buttons);
}
