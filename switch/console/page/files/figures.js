// What the stream told: the last two minutes of frames, and counts since the switch started.

const KEPT_MS = 130000;
const NOT_FOR_SHOPS = new Set(["file_action", "reconciliation", "network_management"]);

export class Figures {
  constructor() {
    this.fields = [];
    this.frames = [];
    this.seconds = [];
    this.sight = null;
    this.totals = [];
    this.listeners = new Set();
    this.isDue = false;
  }

  /** The names of a frame's numbers, and the frames of the last two minutes, from the history. */
  begin(history) {
    this.fields = history.fields;
    this.places = Object.fromEntries(history.fields.map((name, place) => [name, place]));
    const first = this.frames[0]?.[0] ?? Infinity;
    this.frames = [...history.frames.filter((frame) => frame[0] < first), ...this.frames];
  }

  takeFrame({ frame, totals }) {
    const newest = this.frames.at(-1)?.[0] ?? 0;
    // A switch that was started again counts from nothing.
    if (this.totals.length && sum(totals) < sum(this.totals)) this.seconds = [];
    this.totals = totals;
    if (frame[0] > newest) this.frames.push(frame);
    while (this.frames.length && this.frames[0][0] < frame[0] - KEPT_MS) this.frames.shift();
    const second = Math.floor(frame[0] / 1000);
    if (this.seconds.at(-1)?.second !== second) this.seconds.push({ second, totals });
    while (this.seconds.length > 62) this.seconds.shift();
    this.draw();
  }

  takeSight(sight) {
    this.sight = sight;
    this.draw();
  }

  /** Once an animation frame, however much came; nothing where nobody sees it. */
  draw() {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      for (const listener of this.listeners) listener(this);
    });
  }

  listen(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get newest() {
    return this.frames.at(-1) ?? null;
  }

  of(name) {
    return this.newest?.[this.places?.[name]] ?? null;
  }

  column(frames, name) {
    const place = this.places?.[name];
    return frames.map((frame) => frame[place] ?? null);
  }

  /** Answers to shops by code: in the last minute and since the start. */
  byCode() {
    return this.counted((type, code) => code);
  }

  byType() {
    return this.counted((type) => type);
  }

  counted(keyOf) {
    const found = new Map();
    const before = new Map((this.seconds[0]?.totals ?? []).map(([type, code, count]) => [`${type}/${code}`, count]));
    for (const [type, code, count] of this.totals) {
      if (NOT_FOR_SHOPS.has(type)) continue;
      const key = keyOf(type, code);
      const row = found.get(key) ?? { key, minute: 0, total: 0 };
      row.total += count;
      row.minute += count - (before.get(`${type}/${code}`) ?? 0);
      found.set(key, row);
    }
    return [...found.values()].sort((one, other) => other.total - one.total || (one.key < other.key ? -1 : 1));
  }

  /** Approved and all answers to shops since the start. */
  get sums() {
    let approved = 0;
    let all = 0;
    for (const [type, code, count] of this.totals) {
      if (NOT_FOR_SHOPS.has(type)) continue;
      all += count;
      if (code === "00") approved += count;
    }
    return { approved, declined: all - approved, all };
  }
}

function sum(totals) {
  return totals.reduce((found, [, , count]) => found + count, 0);
}
