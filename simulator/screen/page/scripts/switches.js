// What is behind the terminal: its line, its paper and its mains.

import { on, order } from "./channel.js";
import { find } from "./text.js";

const NAMES = ["line", "paper", "power"];
const button = (name) => find(`switch-${name}`);

function set(name, isOn) {
  button(name).setAttribute("aria-checked", String(isOn));
}

/** Turn a switch over. */
export function turn(name) {
  order({ do: name, on: button(name).getAttribute("aria-checked") !== "true" });
}

export function start() {
  for (const name of NAMES) button(name).addEventListener("click", () => turn(name));
  on("line", ({ plugged, up }) => {
    set("line", plugged);
    find("lamp-line").className = up ? "lit" : "";
  });
  on("state", ({ paper, power }) => {
    set("paper", paper);
    set("power", power);
    find("lamp-power").className = power ? "lit" : "";
  });
}
