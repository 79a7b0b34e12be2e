// The page: its parts, and the keys that work wherever one is.

import * as channel from "./channel.js";
import * as journal from "./journal.js";
import * as keypad from "./keypad.js";
import * as lcd from "./lcd.js";
import * as paper from "./paper.js";
import * as sound from "./sound.js";
import * as switches from "./switches.js";
import * as wallet from "./wallet.js";
import * as wire from "./wire.js";
import { find, make, text } from "./text.js";

const PLACES = {
  KeyK: wallet.focus,
  KeyW: wire.focus,
  KeyJ: journal.focus,
  KeyH: () => find("terminal").focus(),
};
const SWITCHES = { KeyL: "line", KeyY: "paper", KeyX: "power" };
const HELP = [
  ["help_terminal", [["0 … 9", "help_digits"], ["Enter", "key_enter"], ["Backspace", "key_clear"], ["Esc", "key_cancel"],
    ["P", "key_P"], ["R", "key_R"], ["B", "key_B"], ["M", "key_M"]]],
  ["help_cards", [["K", "help_choose"], ["S", "way_swipe"], ["I", "way_insert"], ["T", "way_tap"], ["C", "way_scan"],
    ["O", "take_out"]]],
  ["help_page", [["H", "help_terminal_focus"], ["W", "help_wire"], ["J", "help_journal"], ["L · Y · X", "help_line"],
    ["?", "help_help"]]],
];

/** Whether the focus is on something that takes Enter, Space and Escape itself. */
const takesEnter = (element) => element.closest("button, a, input, summary") !== null;

function act(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || document.querySelector("dialog[open]")) {
    return null;
  }
  if (event.key === "?" || event.key === "؟") return openHelp;
  if (event.code in PLACES) return PLACES[event.code];
  if (event.code in SWITCHES) return () => switches.turn(SWITCHES[event.code]);
  const key = keypad.terminalKey(event);
  if (key === "\r" && takesEnter(event.target)) return null;
  return key ? () => keypad.press(key) : wallet.walletKey(event);
}

function openHelp() {
  find("help").showModal();
}

function fillHelp() {
  for (const [heading, rows] of HELP) {
    find("help-list").append(
      make("h3", {}, text(heading)),
      make("dl", {}, ...rows.flatMap(([keys, what]) => [
        make("dt", {}, make("kbd", { dir: "ltr" }, keys)),
        make("dd", {}, text(what)),
      ])),
    );
  }
}

for (const part of [sound, lcd, keypad, switches, paper, wallet, wire, journal]) part.start();
fillHelp();
find("help-open").addEventListener("click", openHelp);
find("again").addEventListener("click", () => location.reload());
document.addEventListener("keydown", (event) => {
  const action = act(event);
  if (!action) return;
  event.preventDefault();
  if (!event.repeat || event.code === "Backspace") action();
});
channel.on("gone", ({ why, detail }) => {
  find("gone").hidden = false;
  find("gone-text").textContent = `${text(why ? `gone_${why}` : "gone")} ${detail ?? ""}`;
});
channel.on("state", ({ fault }) => {
  if (!fault) return;
  find("gone").hidden = false;
  find("gone-text").textContent = `${text("fault")} ${fault}`;
});
channel.open();
