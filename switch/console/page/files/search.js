// Looking for a transaction by what somebody has in hand.
import { ask } from "./ask.js";
import { code, make, table } from "./dom.js";
import { codeTitle, digits, moment, named, number, text, words } from "./words.js";

const FIELDS = [
  { name: "rrn", pattern: "[0-9۰-۹]{1,12}", maximum: 12 },
  { name: "terminal_id", pattern: "[!-~۰-۹]{1,8}", maximum: 8 },
  { name: "stan", pattern: "[0-9۰-۹]{1,6}", maximum: 6 },
  { name: "card_number", pattern: "[0-9۰-۹ ]{1,24}", maximum: 24, isSecret: true },
  { name: "card_reference", pattern: "[0-9۰-۹]{1,12}", maximum: 12 },
  { name: "member_number", pattern: "[0-9۰-۹]{1,12}", maximum: 12 },
  { name: "partner_rrn", pattern: "[0-9A-Za-z۰-۹]{1,12}", maximum: 12 },
];
const TIMES = ["from", "until"];

export class SearchView {
  constructor(page, main, asked) {
    this.page = page;
    const given = new URLSearchParams(asked);
    this.form = make("form", { class: "ask grid", role: "search", autocomplete: "off", onsubmit: (event) => { event.preventDefault(); this.search(); } },
      FIELDS.map((field) => make("label", {}, make("span", {}, text(`by_${field.name}`)), make("input", {
        name: field.name, dir: "ltr", inputmode: field.name === "terminal_id" || field.name === "partner_rrn" ? "text" : "numeric",
        pattern: field.pattern, maxlength: field.maximum, spellcheck: "false", autocomplete: "off", value: given.get(field.name) ?? "",
      }))),
      TIMES.map((name) => make("label", {}, make("span", {}, text(`by_${name}`, { zone: words.zone ?? "" })),
        make("input", { name, type: "datetime-local", step: 1, dir: "ltr" }))),
      make("p", { class: "buttons" }, make("button", { class: "first" }, text("search"))));
    this.told = make("p", { class: "count", role: "status" });
    this.list = make("div", { id: "found" });
    this.more = make("button", { type: "button", hidden: true, onclick: () => this.go(this.next) }, text("search_on"));
    main.append(this.form, this.told, this.list, make("p", { class: "buttons" }, this.more));
    this.rows = [];
    if (asked) this.search();
  }

  close() {
    this.isClosed = true;
  }

  search() {
    const given = {};
    for (const field of FIELDS) {
      const value = plainDigits(this.form.elements[field.name].value.trim());
      if (value) given[field.name] = field.isSecret ? value.replaceAll(" ", "") : value;
    }
    for (const name of TIMES) {
      const value = this.form.elements[name].value;
      if (value) given[`${name}_ms`] = String(instantOf(value, words.zone));
    }
    if (!Object.keys(given).length) {
      this.told.textContent = text("search_what");
      return;
    }
    this.given = given;
    this.rows = [];
    this.list.replaceChildren();
    this.go(null);
  }

  async go(before) {
    this.told.textContent = text("searching");
    this.more.disabled = true;
    const given = before === null ? this.given : { ...this.given, before };
    try {
      // A card's number goes into no address, where it would be kept.
      const found = "card_number" in given ? await ask("transactions/by-card", given) : await ask(`transactions?${new URLSearchParams(given)}`);
      if (this.isClosed) return;
      this.rows.push(...found.transactions);
      this.next = found.next;
      this.more.hidden = found.next === null;
      this.told.textContent = text(found.next === null ? "found_all" : "found_so_far", { n: number(this.rows.length), position: digits(found.back_to) });
      this.draw();
    } catch (fault) {
      this.told.textContent = fault.status ? fault.message : text("unreachable");
    }
    this.more.disabled = false;
  }

  draw() {
    this.list.replaceChildren(this.rows.length ? table(
      [{ text: text("rrn") }, { text: text("when") }, { text: text("type") }, { text: text("terminal") }, { text: text("stan") },
        { text: text("amount"), class: "number" }, { text: text("answer"), class: "wide" }],
      this.rows.map((row) => make("tr", { "data-row": true, "data-position": row.position, tabindex: "0",
        onclick: () => { location.hash = `story/${row.position}`; },
        onkeydown: (event) => { if (event.key === "Enter") location.hash = `story/${row.position}`; } },
      make("td", {}, make("a", { href: `#story/${row.position}`, tabindex: "-1" }, code(digits(row.rrn)))),
      make("td", {}, moment(row.at_ms)),
      make("td", {}, row.type ? named("kind", row.type) : named("entry", row.kind)),
      make("td", {}, row.terminal_id ? code(row.terminal_id) : "–"),
      make("td", {}, row.stan === undefined ? "–" : code(digits(String(row.stan).padStart(6, "0")))),
      make("td", { class: "number" }, row.amount === undefined ? "–" : number(row.amount)),
      make("td", { class: `wide ${row.response_code === "00" ? "mark-good" : "mark-bad"}` },
        row.response_code ? [code(digits(row.response_code)), " ", codeTitle(row.response_code)] : "–"))),
      text("view_search")) : make("p", { class: "none" }, text("found_nothing")));
  }
}

/** Persian and Arabic digits as the switch wants them. */
export function plainDigits(value) {
  return value.replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0)).replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660));
}

/** Milliseconds since 1970 of a local time of a time zone. */
export function instantOf(local, zone) {
  const wanted = Date.parse(`${local.length === 16 ? `${local}:00` : local}Z`);
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
  const shownAt = (instant) => {
    const shown = Object.fromEntries(parts.formatToParts(instant).map((part) => [part.type, part.value]));
    return Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute, shown.second);
  };
  let instant = wanted;
  for (let turn = 0; turn < 2; turn += 1) instant += wanted - shownAt(instant);
  return instant;
}
