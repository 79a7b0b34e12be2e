// Alarms: those that are raised, who has seen them, what is muted, and what happened before.
import { ask, askAgain } from "./ask.js";
import { askTwice } from "./dialog.js";
import { code, find, make, panel, table, write } from "./dom.js";
import { ago, inBoth, moment, named, number, text } from "./words.js";

const AGAIN_MS = 5000;
const MUTES = [["3600", "mute_hour"], ["28800", "mute_shift"], ["86400", "mute_day"], ["604800", "mute_week"], ["0", "mute_cleared"]];

/** What every view knows of them. */
export class Alarms {
  constructor(page) {
    this.page = page;
    this.found = { alarms: [], mutes: [], receivers: [], now_ms: Date.now() };
    this.counts = {};
    this.changed = null;
    this.askedAt = 0;
    this.draw = () => undefined;
  }

  /** Once a second; the list is asked for when something has changed, and now and then for its figures. */
  hear({ alarms }) {
    this.counts = alarms.raised;
    this.showCount();
    const now = performance.now();
    const isRaised = Object.values(alarms.raised).some(Boolean);
    if (alarms.changed === this.changed && !(isRaised && now - this.askedAt > AGAIN_MS)) return;
    this.changed = alarms.changed;
    this.askedAt = now;
    this.read(askAgain);
  }

  async read(asking = ask) {
    try {
      this.found = await asking("alarms");
    } catch (fault) {
      this.changed = null;
      // That the switch isn't heard stands at the top.
      if (fault.status) this.page.tell(fault.message);
      return;
    }
    this.draw();
  }

  showCount() {
    const shown = find("#alarm-count");
    if (!shown) return;
    const sum = Object.values(this.counts).reduce((all, count) => all + count, 0);
    shown.hidden = !sum;
    shown.dataset.severity = ["critical", "warning", "notice"].find((severity) => this.counts[severity]) ?? "";
    write(shown, sum ? number(sum) : "");
  }

  /** The worst of them, above the figures. */
  showStrip(element) {
    element.replaceChildren(...this.found.alarms.filter((alarm) => !alarm.is_muted).slice(0, 4).map((alarm) =>
      make("a", { href: "#alarms", class: "raised", "data-severity": alarm.severity, "data-rule": alarm.rule },
        make("b", {}, named("severity", alarm.severity)), " ", inBoth(alarm.title), alarm.subject ? [" · ", code(alarm.subject)] : null)));
  }
}

export class AlarmsView {
  constructor(page, main) {
    this.page = page;
    this.list = make("div", { id: "alarms" });
    this.besides = make("div", { class: "panels" });
    main.append(panel(text("raised_alarms"), this.list), this.besides);
    page.alarms.draw = () => this.draw();
    this.draw();
    page.alarms.read();
    this.timer = setInterval(() => this.list.querySelectorAll("[data-since]").forEach((element) =>
      write(element, ago(Number(element.dataset.since), Date.now()))), 1000);
  }

  close() {
    clearInterval(this.timer);
    this.page.alarms.draw = () => undefined;
    this.isClosed = true;
  }

  async draw() {
    const { alarms, mutes, receivers } = this.page.alarms.found;
    const held = document.activeElement?.dataset?.alarm;
    this.list.replaceChildren(...(alarms.length ? alarms.map((alarm) => this.card(alarm)) : [make("p", { class: "none" }, text("no_alarms"))]));
    if (held) this.list.querySelector(`[data-alarm="${CSS.escape(held)}"]`)?.focus();
    let history = [];
    try {
      ({ history } = await askAgain("alarms/history?limit=100"));
    } catch (fault) {
      this.page.tell(fault.status ? fault.message : text("unreachable"));
    }
    if (this.isClosed) return;
    this.besides.replaceChildren(this.historyPanel(history), this.mutesPanel(mutes), this.receiversPanel(receivers));
  }

  card(alarm) {
    const mayAct = this.page.may("operator");
    const key = { rule: alarm.rule, subject: alarm.subject };
    const title = alarm.subject ? `${inBoth(alarm.title)} · ${alarm.subject}` : inBoth(alarm.title);
    return make("article", { class: "alarm", "data-severity": alarm.severity, "data-rule": alarm.rule, "data-row": true, tabindex: "0",
      "data-alarm": `${alarm.rule}/${alarm.subject}`, "aria-label": title },
    make("h3", {}, make("b", {}, named("severity", alarm.severity)), " ", inBoth(alarm.title), alarm.subject ? [" · ", code(alarm.subject)] : null),
    make("p", {}, text("raised_at"), " ", moment(alarm.raised_ms), " (", make("span", { "data-since": alarm.raised_ms }, ago(alarm.raised_ms, Date.now())), ")",
      alarm.value === null ? null : [" · ", code(alarm.signal), " ", number(alarm.value), alarm.unit ? [" ", code(alarm.unit)] : null]),
    alarm.todo ? make("p", { class: "todo" }, inBoth(alarm.todo)) : null,
    alarm.acknowledged ? make("p", { class: "seen" }, text("acknowledged_by", { person: alarm.acknowledged.person || text("somebody") }), " ",
      moment(alarm.acknowledged.at_ms), alarm.acknowledged.note ? make("q", { dir: "auto" }, alarm.acknowledged.note) : null) : null,
    alarm.is_muted ? make("p", { class: "seen" }, text("is_muted")) : null,
    mayAct ? make("p", { class: "buttons" },
      make("button", { type: "button", "data-key": "a", onclick: () => this.acknowledge(key, title) }, text("acknowledge")),
      make("button", { type: "button", "data-key": "m", onclick: () => this.mute(key, title) }, text("mute"))) : null);
  }

  note() {
    return { name: "note", title: text("note"), kind: "text", value: "", maximum: 200 };
  }

  acknowledge(key, title) {
    askTwice({
      title: text("acknowledge"), explained: title, fields: [this.note()], path: "alarms/acknowledge",
      shape: ({ note }) => ({ ...key, note }), onDone: () => this.page.alarms.read(),
    });
  }

  mute(key, title) {
    askTwice({
      title: text("mute"), explained: title, path: "alarms/mute",
      fields: [{ name: "for_s", title: text("mute_for"), options: MUTES.map(([value, name]) => [value, text(name)]), value: "3600", isRequired: true }, this.note()],
      shape: (values) => ({ ...key, for_s: Number(values.for_s), note: values.note }), onDone: () => this.page.alarms.read(),
    });
  }

  unmute(mute) {
    askTwice({
      title: text("unmute"), explained: mute.rule, fields: [this.note()], path: "alarms/unmute",
      shape: ({ note }) => ({ rule: mute.rule, subject: mute.subject, note }), onDone: () => this.page.alarms.read(),
    });
  }

  historyPanel(history) {
    return make("section", { class: "panel full", id: "alarm-history" }, make("h2", {}, text("alarm_history")), history.length ? table(
      [{ text: text("when") }, { text: text("what") }, { text: text("alarm"), class: "wide" }, { text: text("by") }, { text: text("note"), class: "wide" }],
      history.map((record) => [moment(record.at_ms), named("what", record.what),
        [inBoth(record.title), record.subject ? [" · ", code(record.subject)] : null], make("bdi", {}, record.person), make("bdi", {}, record.note)]),
      text("alarm_history")) : make("p", { class: "none" }, text("nothing_yet")));
  }

  mutesPanel(mutes) {
    return panel(text("mutes"), mutes.length ? make("ul", { class: "plain" }, mutes.map((mute) => make("li", {},
      code(mute.rule), mute.subject === null ? ` · ${text("every_subject")}` : [" · ", code(mute.subject)], " · ",
      mute.until_ms ? text("until", { time: moment(mute.until_ms) }) : text("mute_cleared"), mute.person ? [" · ", make("bdi", {}, mute.person)] : null,
      this.page.may("operator") ? [" ", make("button", { type: "button", onclick: () => this.unmute(mute) }, text("unmute"))] : null)))
      : make("p", { class: "none" }, text("no_mutes")));
  }

  receiversPanel(receivers) {
    return panel(text("receivers"), receivers.length ? table(
      [{ text: text("receiver") }, { text: text("delivered"), class: "number" }, { text: text("failed_tries"), class: "number" },
        { text: text("given_up"), class: "number" }, { text: text("waiting"), class: "number" }],
      receivers.map((each) => [code(each.name), number(each.delivered), number(each.failed_tries), number(each.given_up), number(each.waiting)]),
      text("receivers")) : make("p", { class: "none" }, text("no_receivers")));
  }
}
