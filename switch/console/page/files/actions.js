// What may be done, by role, what stands by order, and what came of the last orders. The switch lists its
// actions with their fields; each is asked twice.
import { ask, askAgain } from "./ask.js";
import { askTwice } from "./dialog.js";
import { code, make, pairs, panel, table } from "./dom.js";
import { digits, inBoth, moment, named, number, text } from "./words.js";

const AGAIN_MS = 1000;

export class ActionsView {
  constructor(page, main) {
    this.page = page;
    this.list = make("div", { class: "panels", id: "actions" });
    this.besides = make("div", { class: "panels" });
    /** Position of the order that was given here and goes on. */
    this.begun = 0;
    main.append(make("p", { class: "none" }, text("actions_explained")), this.list, this.besides);
    this.read(ask);
  }

  close() {
    clearTimeout(this.timer);
    this.isClosed = true;
  }

  async read(asking) {
    clearTimeout(this.timer);
    let found;
    try {
      found = await asking("actions");
    } catch (fault) {
      if (this.isClosed) return;
      if (asking === ask) this.list.replaceChildren(make("p", { class: "none" }, fault.status === 404 ? text("no_actions") : fault.status ? fault.message : text("unreachable")));
      else this.later();
      return;
    }
    if (this.isClosed) return;
    if (asking === ask) this.list.replaceChildren(...found.actions.map((action) => this.card(action)));
    this.titles = new Map(found.actions.map((action) => [action.name, inBoth(action.title)]));
    this.draw(found);
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.read(askAgain), AGAIN_MS);
  }

  draw({ standing, orders }) {
    const ended = new Set(orders.map((order) => order.began));
    const shown = orders.filter((order) => !ended.has(order.position));
    const end = this.begun && orders.find((order) => order.began === this.begun);
    if (end) {
      this.begun = 0;
      this.tellEnd(end);
    }
    this.besides.replaceChildren(this.standingPanel(standing), this.ordersPanel(shown));
    if (shown.some((order) => order.outcome === "begun")) this.later();
  }

  titleOf(order) {
    return this.titles.get(order.action) ?? order.action;
  }

  standingPanel(standing) {
    const names = (list, count) => list.length
      ? make("span", {}, list.map((name) => [code(name), " "]), count > list.length ? text("and_more", { n: number(count - list.length) }) : null)
      : text("none_of_them");
    return panel(text("orders_in_force"), pairs([
      [text("closed_links"), names(standing.closed_links, 0)],
      [text("closed_terminals"), names(standing.closed_terminals, standing.closed_terminals_count)],
      [text("blocked_cards"), number(standing.blocked_cards_count)],
    ]));
  }

  ordersPanel(orders) {
    return make("section", { class: "panel full", id: "orders" }, make("h2", {}, text("last_orders")), orders.length ? table(
      [{ text: text("when") }, { text: text("order_of"), class: "wide" }, { text: text("by") }, { text: text("outcome"), class: "wide" }],
      orders.map((order) => make("tr", { "data-order": order.action, "data-outcome": order.outcome },
        make("td", {}, moment(order.at_ms)),
        make("td", { class: "wide" }, this.titleOf(order), Object.values(order.arguments).map((value) => [" ", code(value)])),
        make("td", {}, make("bdi", {}, order.person)),
        make("td", { class: `wide ${order.outcome === "failed" ? "bad" : ""}` }, named("outcome", order.outcome), toldOf(order) ? `: ${toldOf(order)}` : null))),
      text("last_orders")) : make("p", { class: "none" }, text("no_orders")));
  }

  card(action) {
    return make("section", { class: "panel action", "data-action": action.name },
      make("h2", {}, inBoth(action.title)),
      action.explained ? make("p", {}, inBoth(action.explained)) : null,
      make("p", { class: "buttons" }, make("button", { type: "button", class: action.is_grave ? "grave" : "", onclick: () => this.begin(action) }, text("begin"))));
  }

  begin(action) {
    const path = `actions/${encodeURIComponent(action.name)}`;
    const given = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value));
    askTwice({
      title: inBoth(action.title), explained: inBoth(action.explained), isGrave: action.is_grave, path,
      prepare: (values) => ask(path, { arguments: given(values) }),
      shape: (values, prepared) => ({ arguments: given(values), confirmation: prepared.confirmation }),
      fields: action.fields.map((field) => ({
        name: field.name, title: inBoth(field.title), kind: field.kind, hint: inBoth(field.hint), isRequired: field.required !== false,
        maximum: field.maximum, pattern: field.pattern, options: field.options?.map((option) => [option.value, inBoth(option.title) || option.value]),
      })),
      onDone: (done) => this.tell(action, done),
    });
  }

  tell(action, done) {
    if (done.outcome === "begun") {
      this.begun = done.position;
      this.page.tell(text("order_begun", { title: inBoth(action.title) }), "news");
    } else {
      this.tellEnd(done);
    }
    this.read(askAgain);
  }

  tellEnd(order) {
    const values = { title: this.titleOf(order), outcome: named("outcome", order.outcome), told: toldOf(order) };
    this.page.tell(text("order_ended", values), order.outcome === "done" ? "good" : "fault");
  }
}

/** Numbers in the reader's script; what is in a name stays. */
function toldOf(order) {
  return inBoth(order.told).replace(/(?<![\w-])[0-9]+(?![\w-])/g, digits);
}
