// The live wire: every message that went, the newest first.

import { on } from "./channel.js";
import { Listing } from "./listing.js";
import { show } from "./letter.js";
import { find, make, number, own, text, time } from "./text.js";

const KEPT = 200;
const list = new Listing(find("messages"), (message) => {
  show(message);
  markSame(message.stan);
});
const entries = [];
let sameListener = () => {};

function entryOf(message) {
  const code = message.rows.find((row) => row.path === "39");
  const approved = code?.value.en.startsWith("00");
  return make(
    "div",
    { className: `message ${message.direction}` },
    make("span", { className: "arrow", "aria-hidden": "true" }),
    make("bdi", { className: "mti" }, message.mti ?? "????"),
    make("span", { className: "what" }, own(message.title).split(/[:؛;]/)[0] || message.faults[0] || ""),
    code ? make("span", { className: `code ${approved ? "good" : "bad"}` }, own(code.value)) : make("span"),
    make("span", { className: "size" }, `${number(message.cells.length)} ${text("bytes")}`),
    make("time", {}, time(message.at_ms)),
    make("span", { className: "unseen" }, text(message.direction)),
  );
}

/** Mark the messages of one transaction, by its STAN. */
export function markSame(stan) {
  for (const { entry, message } of entries) entry.classList.toggle("same", stan !== null && message.stan === stan);
  sameListener(stan);
}

/** Have `listener` told which transaction's messages are looked at. */
export function onSame(listener) {
  sameListener = listener;
}

/** Choose the newest message of a transaction. */
export function chooseStan(stan) {
  const found = entries.find(({ message }) => message.stan === stan);
  if (found) list.choose(found.entry);
}

export const focus = () => list.focus();

export function start() {
  on("message", (message) => {
    find("no-message").hidden = true;
    const entry = entryOf(message);
    list.add(entry, message, true);
    entries.unshift({ entry, message });
    for (const old of entries.splice(KEPT)) list.remove(old.entry);
    if (find("follow").checked) list.choose(entry);
  });
}
