// What is going on now.
import { ask, askAgain } from "./ask.js";
import { Chart, rangeButtons } from "./charts.js";
import { code, make, pairs, table, write } from "./dom.js";
import { ago, bytes, codeTitle, day, digits, milliseconds, moment, named, number, percent, span, text } from "./words.js";

const RANGES = { minutes: 120, hour: 3600, day: 86400 };
const POINTS = 720;
const PANELS_EVERY_MS = 250;

export class LiveView {
  constructor(page, main) {
    this.page = page;
    this.range = "minutes";
    this.drawnAt = 0;
    this.charts = this.makeCharts();
    this.tiles = new Map();
    this.panels = new Map();
    main.append(
      make("div", { class: "strip", id: "raised" }),
      make("div", { class: "tiles" }, TILES.map((tile) => this.tile(tile))),
      rangeButtons(Object.keys(RANGES), this.range, (range) => this.choose(range)),
      make("div", { class: "charts" }, this.charts.map(({ chart }) => chart.element)),
      make("div", { class: "live" }, PANELS.filter(([name]) => name !== "links").map(([name]) => this.panel(name))),
      this.panel("links"),
    );
    this.stop = page.figures.listen((figures) => this.draw(figures));
    page.alarms.draw = () => page.alarms.showStrip(main.querySelector("#raised"));
    page.alarms.draw();
    this.draw(page.figures);
  }

  close() {
    this.stop();
    clearInterval(this.timer);
    this.page.alarms.draw = () => undefined;
    for (const { chart } of this.charts) chart.close();
  }

  tile(tile) {
    const value = make("b", { "data-figure": tile.name });
    const second = make("small", {});
    this.tiles.set(tile.name, [value, second]);
    return make("div", { class: "tile" }, make("span", {}, text(`tile_${tile.name}`)), value, second);
  }

  panel(name) {
    const body = make("div");
    this.panels.set(name, body);
    return make("section", { class: "panel", id: `panel-${name}` }, make("h2", {}, text(`panel_${name}`)), body);
  }

  makeCharts() {
    const made = (name, unit, decimals, suffix, columns) => ({
      columns: columns.map(([field]) => field),
      chart: new Chart({
        title: text(`chart_${name}`), unit, digits: decimals, suffix: suffix ? ` ${suffix}` : "",
        series: columns.map(([field, colour, fills]) => ({ title: text(`line_${field}`), colour: `--${colour}`, swatch: colour, fills })),
      }),
    });
    return [
      made("traffic", 1, 0, "", [["approved", "line-1", true], ["declined", "line-2", true], ["refused", "line-3"]]),
      made("latency", 1000, 2, text("unit_ms"), [["request_p50_us", "line-1"], ["request_p99_us", "line-4"], ["request_p999_us", "line-3"]]),
      made("sync", 1000, 2, text("unit_ms"), [["sync_p50_us", "line-1"], ["sync_p99_us", "line-4"]]),
      made("queue", 1, 0, "", [["in_flight", "line-1", true], ["queued", "line-3"], ["stored", "line-4"]]),
    ];
  }

  async choose(range) {
    this.range = range;
    clearInterval(this.timer);
    this.stretch = null;
    if (range === "minutes") {
      this.draw(this.page.figures);
      return;
    }
    const read = async (asking) => {
      try {
        const stretch = await asking(`history?from_s=${Math.floor(Date.now() / 1000) - RANGES[range]}&points=${POINTS}`);
        if (this.range !== range) return;
        this.stretch = stretch;
        this.drawStretch();
      } catch (fault) {
        this.page.tell(fault.status ? fault.message : text("unreachable"));
      }
    };
    await read(ask);
    if (this.range === range) this.timer = setInterval(() => read(askAgain), Math.max(5000, RANGES[range] * 1000 / POINTS));
  }

  drawStretch() {
    const { frames, fields, step_s: step } = this.stretch;
    const at = (frame) => Math.floor(frame[0] / 1000 / step) * step * 1000;
    // Where nothing was kept there is a gap, and no line across it.
    const filled = [];
    frames.forEach((frame, place) => {
      if (place && at(frame) - at(frames[place - 1]) > 2.5 * step * 1000) filled.push([at(frames[place - 1]) + step * 1000]);
      filled.push(frame);
    });
    const times = filled.map((frame) => frame[0]);
    for (const { chart, columns } of this.charts) {
      chart.show(times, columns.map((name) => filled.map((frame) => frame[fields.indexOf(name)] ?? null)), this.range);
    }
  }

  draw(figures) {
    if (document.hidden || !figures.places) return;
    for (const tile of TILES) {
      const [value, second] = this.tiles.get(tile.name);
      write(value, tile.value(figures));
      write(second, tile.second?.(figures) ?? "");
    }
    if (this.range === "minutes") {
      const times = figures.frames.map((frame) => frame[0]);
      for (const { chart, columns } of this.charts) {
        chart.show(times, columns.map((name) => figures.column(figures.frames, name)), "");
      }
    }
    const now = performance.now();
    if (now - this.drawnAt < PANELS_EVERY_MS || !figures.sight) return;
    this.drawnAt = now;
    // Nobody's place in a table is lost to a figure that is newer.
    for (const [name, build] of PANELS) {
      const body = this.panels.get(name);
      const made = build(figures);
      const parts = Array.isArray(made) ? made : [made];
      const key = parts.map((part) => part.textContent ?? part).join("\n");
      if (body.dataset.key === key) continue;
      const scrolled = body.querySelector(".scroll")?.scrollLeft ?? 0;
      const hadFocus = body.contains(document.activeElement);
      body.replaceChildren(...parts);
      body.dataset.key = key;
      const scroll = body.querySelector(".scroll");
      if (scroll) scroll.scrollLeft = scrolled;
      if (hadFocus) scroll?.focus({ preventScroll: true });
    }
  }
}

const TILES = [
  { name: "tps", value: (figures) => number(figures.of("approved") + figures.of("declined")),
    second: (figures) => text("since_start", { n: number(figures.sums.all) }) },
  { name: "approved", value: (figures) => number(figures.of("approved")),
    second: (figures) => text("since_start", { n: number(figures.sums.approved) }) },
  { name: "declined", value: (figures) => number(figures.of("declined")),
    second: (figures) => text("since_start", { n: number(figures.sums.declined) }) },
  { name: "share", value: (figures) => lastMinuteShare(figures), second: () => text("last_minute") },
  { name: "p50", value: (figures) => milliseconds(figures.of("request_p50_us")) },
  { name: "p99", value: (figures) => milliseconds(figures.of("request_p99_us")),
    second: (figures) => `${text("p999")} ${milliseconds(figures.of("request_p999_us"))}` },
  { name: "in_flight", value: (figures) => number(figures.of("in_flight")),
    second: (figures) => text("queued", { n: number(figures.of("queued")) }) },
  { name: "signed_on", value: (figures) => number(figures.of("signed_on")),
    second: (figures) => text("connections", { n: number(figures.of("connections")) }) },
];

function lastMinuteShare(figures) {
  let approved = 0;
  let all = 0;
  for (const row of figures.byCode()) {
    all += row.minute;
    if (row.key === "00") approved = row.minute;
  }
  return all ? percent(approved / all) : "–";
}

const PANELS = [
  ["answers", (figures) => table(
    [{ text: text("code") }, { text: text("meaning"), class: "wide" }, { text: text("last_minute"), class: "number" }, { text: text("total"), class: "number" }],
    figures.byCode().map((row) => make("tr", { class: row.key === "00" ? "good" : "", "data-code": row.key },
      make("td", {}, code(digits(row.key))), make("td", { class: "wide" }, codeTitle(row.key)),
      make("td", { class: "number" }, number(row.minute)), make("td", { class: "number" }, number(row.total)))),
    text("panel_answers"))],
  ["types", (figures) => table(
    [{ text: text("type"), class: "wide" }, { text: text("last_minute"), class: "number" }, { text: text("total"), class: "number" }],
    figures.byType().map((row) => [named("kind", row.key), number(row.minute), number(row.total)]),
    text("panel_types"))],
  ["journal", (figures) => pairs([
    [text("position"), code(digits(figures.of("position")))],
    [text("not_durable"), number(figures.of("position") - figures.of("durable_position"))],
    [text("sync"), `${milliseconds(figures.of("sync_p50_us"))} · ${text("p99")} ${milliseconds(figures.of("sync_p99_us"))}`],
    [text("batch"), text("entries", { n: number(figures.of("commit_entries_p50")) })],
    [text("disk_left"), bytes(figures.of("disk_free_bytes"))],
    [text("segments"), number(figures.sight.segments)],
    [text("processor"), percent(figures.of("cpu_per_mille") / 1000)],
    [text("memory"), bytes(figures.of("resident_bytes"))],
    [text("started"), moment(figures.sight.started_ms)],
  ])],
  ["day", ({ sight: { day: book } }) => pairs([
    [text("business_day"), day(book.date)],
    [text("debits"), money(book.debits_number, book.debits_amount)],
    [text("credits"), money(book.credits_number, book.credits_amount)],
    [text("debits_reversed"), money(book.debits_reversal_number, book.debits_reversal_amount)],
    [text("credits_reversed"), money(book.credits_reversal_number, book.credits_reversal_amount)],
    [text("day_terminals"), number(book.terminals)],
    [text("first_position"), code(digits(book.first_position))],
  ])],
  ["rules", ({ sight: { rules, at_ms: now } }) => pairs([
    [text("version"), code(digits(rules.version))],
    [text("in_force"), `${moment(rules.at_ms)} (${ago(rules.at_ms, now)})`],
    [text("rule_count"), number(rules.rules)],
    [text("digest"), code(rules.digest.slice(0, 16), { title: rules.digest })],
    [text("published"), rules.published
      ? `${text("version_n", { n: digits(rules.published.version) })} · ${moment(rules.published.at_ms)} (${ago(rules.published.at_ms, now)})`
      : text("never_published")],
  ])],
  ["readers", ({ sight: { readers } }) => readers.length ? table(
    [{ text: text("reader") }, { text: text("behind"), class: "number" }, { text: text("behind_for"), class: "number" }, { text: text("asked"), class: "number" }],
    readers.map((reader) => [code(reader.name), text("entries", { n: number(reader.behind_entries) }),
      reader.behind_ms ? span(reader.behind_ms) : text("not_behind"), text("ago", { span: span(reader.silent_ms) })]),
    text("panel_readers")) : make("p", { class: "none" }, text("no_readers"))],
  ["partner", ({ sight: { partner } }) => partner.name ? pairs([
    [text("link"), code(partner.name)],
    [text("phase"), named("phase", partner.phase)],
    [text("stored"), number(partner.queue_depth)],
    [text("oldest"), partner.queue_depth ? span(partner.queue_age_ms) : "–"],
    [text("under_way"), number(partner.queue_under_way)],
    [text("dead"), number(partner.queue_dead)],
    [text("awaited"), number(partner.in_flight)],
    [text("writable"), partner.writable ? text("yes") : text("no")],
  ]) : make("p", { class: "none" }, text("no_partner"))],
  ["links", ({ sight: { links } }) => table(
    [{ text: text("link") }, { text: text("phase") }, { text: text("connected"), class: "number" }, { text: text("terminals"), class: "number" },
      { text: text("heard"), class: "number" }, { text: text("received"), class: "number" }, { text: text("refused"), class: "number" },
      { text: text("lost"), class: "number" }, { text: text("failures"), class: "number" }, { text: text("address") }],
    links.map((link) => make("tr", { "data-link": link.name },
      [code(link.name), named("phase", link.phase), number(total(link.connections)), number(link.terminals),
        link.silent_ms === null ? text("never") : text("ago", { span: span(link.silent_ms) }), number(link.received), number(link.refused),
        number(link.lost), number(link.failures), [code(link.address), link.is_tls ? " TLS" : ""]]
        .map((cell, place) => make("td", { class: place > 1 && place < 9 ? "number" : "" }, cell)))),
    text("panel_links"))],
];

function total(counts) {
  return Object.values(counts).reduce((found, count) => found + count, 0);
}

function money(count, amount) {
  return text("count_amount", { n: number(count), amount: number(amount) });
}

