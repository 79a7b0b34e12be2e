// The journal and the ledger: what the switch decided and what moved, the newest first.

import { on } from "./channel.js";
import { chooseStan, onSame } from "./wire.js";
import { find, make, number, text, time } from "./text.js";

const KEPT = 50;
const entries = [];
let looked = null;

const purse = (name) => text(`purse_${name}`) || name;

function movements(entry) {
  if (!entry.transfers?.length) return make("p", { className: "quiet" }, text("no_movement"));
  const heads = ["amount", "accounts", "rule"].map((key) => make("th", { scope: "col" }, text(key)));
  const rows = entry.transfers.map((transfer) =>
    make(
      "tr",
      {},
      make("td", { className: "units" }, `${number(transfer.amount)} ${purse(transfer.purse)}`),
      make("td", { className: "way-of" }, make("bdi", {}, transfer.debit), make("bdi", {}, transfer.credit)),
      make("td", { className: "way-of" }, make("bdi", {}, transfer.rule || transfer.reason)),
    ),
  );
  return make("div", { className: "wide" },
    make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows)));
}

function left(balances) {
  const parts = Object.entries(balances ?? {}).map(([name, balance]) =>
    make("span", { className: "balance" }, make("b", {}, number(balance)), ` ${purse(name)}`));
  return parts.length ? make("p", { className: "left" }, `${text("left")}: `, ...parts) : null;
}

function entryOf(entry) {
  const code = entry.response_code;
  const element = make(
    "li",
    { className: "entry" },
    make(
      "button",
      { type: "button", className: "entry-head" },
      make("bdi", { className: "position" }, `#${entry.position}`),
      make("bdi", { className: "mti" }, entry.mti ?? ""),
      make("span", { className: "what" }, text(entry.kind)),
      entry.amount ? make("span", {}, `${number(entry.amount)} ${text("rial")}`) : null,
      code ? make("bdi", { className: `code ${code === "00" ? "good" : "bad"}` }, code) : null,
      entry.reverses ? make("span", {}, `${text("reverses")} `, make("bdi", {}, `#${Number(entry.reverses)}`)) : null,
      make("time", {}, time(entry.at_ms)),
    ),
    movements(entry),
    left(entry.balances),
  );
  element.querySelector("button").addEventListener("click", () => chooseStan(entry.stan));
  return element;
}

export function focus() {
  (find("entries").querySelector("button") ?? find("journal")).focus();
}

export function start() {
  on("hello", ({ has_journal: hasJournal }) => {
    if (!hasJournal) find("no-entry").textContent = text("no_journal");
  });
  on("journal", (entry) => {
    find("no-entry").hidden = true;
    const element = entryOf(entry);
    element.classList.toggle("same", looked !== null && entry.stan === looked);
    find("entries").prepend(element);
    entries.unshift({ entry, element });
    for (const old of entries.splice(KEPT)) old.element.remove();
  });
  onSame((stan) => {
    looked = stan;
    for (const { entry, element } of entries) element.classList.toggle("same", stan !== null && entry.stan === stan);
  });
}
