// The keyboard: a letter each, never while somebody writes.
import { find, make } from "./dom.js";
import { close, open } from "./dialog.js";
import { text } from "./words.js";

const SHORTCUTS = [
  ["1 … 5", "key_views"],
  ["/", "key_search"],
  ["j k", "key_rows"],
  ["Enter", "key_open"],
  ["a", "key_acknowledge"],
  ["m", "key_mute"],
  ["l", "key_language"],
  ["t", "key_theme"],
  ["?", "key_help"],
  ["Esc", "key_close"],
];

export function showShortcuts() {
  open(text("shortcuts"), [
    make("dl", { class: "keys" }, SHORTCUTS.map(([key, name]) => make("div", {}, make("dt", {}, make("kbd", { dir: "ltr" }, key)), make("dd", {}, text(name))))),
    make("p", { class: "buttons" }, make("button", { type: "button", class: "first", autofocus: true, onclick: close }, text("close"))),
  ]);
}

/** By the key's place where the layout is another one, so that they work under a Persian keyboard too. */
function letterOf(event) {
  if (event.key === "?" || event.key === "؟") return "?";
  if (event.key === "/" || /^[a-z0-9]$/.test(event.key)) return event.key;
  if (/^Key[A-Z]$/.test(event.code)) return event.code.slice(3).toLowerCase();
  if (/^Digit[0-9]$/.test(event.code) && !event.shiftKey) return event.code.slice(5);
  return event.code === "Slash" ? (event.shiftKey ? "?" : "/") : "";
}

export function listen(page, views) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || find("#dialog").open) return;
    if (event.target.closest("input, select, textarea")) return;
    const letter = letterOf(event);
    if (letter >= "1" && letter <= String(views.length)) location.hash = views[letter - 1];
    else if (letter === "/") {
      location.hash = "search";
      setTimeout(() => find("#main input")?.focus());
    } else if (letter === "l") find("#language").click();
    else if (letter === "t") find("#theme").click();
    else if (letter === "?") showShortcuts();
    else if (letter === "j" || letter === "k") step(letter === "j" ? 1 : -1);
    else if (letter === "a" || letter === "m") document.activeElement?.querySelector?.(`[data-key="${letter}"]`)?.click();
    else return;
    event.preventDefault();
  });
}

/** From one row to the next; rows are what can be focused and has `data-row`. */
function step(by) {
  const rows = [...document.querySelectorAll("#main [data-row]")];
  const here = rows.indexOf(document.activeElement?.closest("[data-row]"));
  rows[Math.max(0, Math.min(rows.length - 1, here < 0 ? 0 : here + by))]?.focus();
}

