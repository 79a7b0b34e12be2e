// Terminals by merchant and branch.
import { ask, askAgain } from "./ask.js";
import { code, make, table, write } from "./dom.js";
import { ago, digits, moment, named, number, percent, text } from "./words.js";

const PAGE = 50;
const AGAIN_MS = 5000;
const WRITING_MS = 250;

export class TerminalsView {
  constructor(page, main, wanted) {
    this.page = page;
    this.skip = 0;
    this.field = make("input", { id: "find", type: "search", maxlength: 32, dir: "ltr", autocomplete: "off", spellcheck: "false", value: wanted });
    this.field.addEventListener("input", () => {
      clearTimeout(this.writing);
      this.writing = setTimeout(() => { this.skip = 0; this.read(); }, WRITING_MS);
    });
    this.list = make("div", { id: "terminals", "aria-live": "off" });
    this.count = make("p", { class: "count", role: "status" });
    this.before = make("button", { type: "button", onclick: () => this.turn(-PAGE) }, text("before"));
    this.after = make("button", { type: "button", onclick: () => this.turn(PAGE) }, text("after"));
    main.append(make("form", { class: "ask", role: "search", onsubmit: (event) => { event.preventDefault(); this.read(); } },
      make("label", { for: "find" }, text("find_terminal")), this.field),
    this.count, this.list, make("p", { class: "buttons" }, this.before, this.after));
    this.read();
    this.timer = setInterval(() => document.hidden || this.read(askAgain), AGAIN_MS);
  }

  close() {
    clearInterval(this.timer);
    clearTimeout(this.writing);
    this.isClosed = true;
  }

  turn(by) {
    this.skip = Math.max(0, this.skip + by);
    this.read();
  }

  async read(asking = ask) {
    const asked = `terminals?find=${encodeURIComponent(this.field.value.trim())}&skip=${this.skip}&limit=${PAGE}`;
    this.asked = asked;
    try {
      const found = await asking(asked);
      if (this.asked === asked && !this.isClosed) this.draw(found);
    } catch (fault) {
      if (!this.isClosed) this.page.tell(fault.status ? fault.message : text("unreachable"));
    }
  }

  draw({ count, terminals }) {
    const now = this.page.figures.sight?.at_ms ?? Date.now();
    this.page.tell("");
    write(this.count, text("found_terminals", { n: number(count) }));
    this.before.disabled = this.skip === 0;
    this.after.disabled = this.skip + terminals.length >= count;
    const rows = [];
    let group = "";
    for (const each of terminals) {
      const here = `${each.merchant}/${each.branch}`;
      if (here !== group) {
        group = here;
        rows.push(make("tr", { class: "group" }, make("th", { colspan: 9, scope: "colgroup" },
          text("merchant"), " ", code(each.merchant), text("and"), text("branch"), " ", digits(each.branch), each.city ? [text("and"), make("bdi", {}, each.city)] : null)));
      }
      rows.push(row(each, now));
    }
    this.list.replaceChildren(table(
      [{ text: text("terminal") }, { text: text("standing") }, { text: text("seen") }, { text: text("link") }, { text: text("firmware") },
        { text: text("signal"), class: "number" }, { text: text("battery"), class: "number" }, { text: text("paper") }, { text: text("rule_table"), class: "number" }],
      rows, text("view_terminals")));
  }
}

function row(terminal, now) {
  const told = terminal.told;
  const cells = [
    make("a", { href: `#search/terminal_id=${encodeURIComponent(terminal.terminal)}` }, code(terminal.terminal)),
    make("span", { class: `mark-${terminal.status === "active" ? (terminal.link ? "good" : "quiet") : "bad"}` },
      terminal.status === "active" ? text(terminal.link ? "signed_on" : "not_signed_on") : named("status", terminal.status)),
    make("span", { title: terminal.seen_ms ? moment(terminal.seen_ms) : "" }, ago(terminal.seen_ms, now)),
    terminal.link ? code(terminal.peer || terminal.link) : "–",
    told.firmware ? code(digits(told.firmware)) : "–",
    told.signal_dbm === undefined ? "–" : code(`${digits(told.signal_dbm).replace("-", "−")} dBm`),
    told.battery_percent === undefined ? "–" : percent(told.battery_percent / 100),
    told.paper ? named("paper", told.paper) : "–",
    told.rule_table_version === undefined ? "–" : digits(told.rule_table_version),
  ];
  return make("tr", { "data-row": true, "data-terminal": terminal.terminal, tabindex: "-1" },
    cells.map((cell, place) => make("td", { class: [5, 6, 8].includes(place) ? "number" : "" }, cell)));
}
