// The terminal's keys, and which of the computer's keys stand for them.

import { on, order } from "./channel.js";
import { find, make, number, text } from "./text.js";

const KINDS = ["P", "R", "B", "M"];
const ENTER = "\r";
const CLEAR = "\b";
const CANCEL = "\u001b";
const NAMED = { Enter: ENTER, NumpadEnter: ENTER, Backspace: CLEAR, Delete: CLEAR, Escape: CANCEL };
const PRESSED_MS = 120;
const buttons = new Map();

function press(keys) {
  const button = buttons.get(keys);
  if (button) {
    button.classList.add("pressed");
    setTimeout(() => button.classList.remove("pressed"), PRESSED_MS);
  }
  order({ do: "keys", keys });
}

function key(keys, label, kind, shortcut, hint) {
  const button = make(
    "button",
    { type: "button", className: `key ${kind}`, "aria-keyshortcuts": shortcut },
    make("span", { className: "label" }, label),
    hint ? make("small", { "aria-hidden": "true" }, hint) : null,
  );
  button.addEventListener("click", () => press(keys));
  buttons.set(keys, button);
  return button;
}

/** The key of the terminal that a key of the computer stands for, whatever layout it has; null for none. */
export function terminalKey(event) {
  if (event.code in NAMED) return NAMED[event.code];
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code);
  if (digit && !event.shiftKey) return digit[1];
  const letter = /^Key([PRBM])$/.exec(event.code);
  return letter ? letter[1] : null;
}

export { press };

export function start() {
  const keys = find("keys");
  for (const kind of KINDS) keys.append(key(kind, text(`key_${kind}`), "kind", kind, kind));
  for (const digits of ["123", "456", "789"]) {
    for (const digit of digits) keys.append(key(digit, number(Number(digit)), "digit", digit));
    if (digits === "123") keys.append(key(CANCEL, text("key_cancel"), "cancel", "Escape", "Esc"));
    if (digits === "456") keys.append(key(CLEAR, text("key_clear"), "clear", "Backspace", "⌫"));
    if (digits === "789") keys.append(key(ENTER, text("key_enter"), "enter", "Enter", "⏎"));
  }
  keys.append(key("0", number(0), "digit zero", "0"));
  on("state", ({ power, state, way }) => {
    const device = find("device");
    device.dataset.state = power ? state : "off";
    device.dataset.way = way ?? "";
  });
}
