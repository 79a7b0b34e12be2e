// The terminal's beeper, by Web Audio; a browser lets it sound after the first key or click.

import { on } from "./channel.js";
import { find } from "./text.js";

const VOLUME = 0.06;
const MARGIN_S = 0.005;
const button = find("sound");
let context = null;

const isOn = () => button.getAttribute("aria-pressed") === "true";

function wake() {
  context ??= new AudioContext();
}

function play(tones) {
  document.documentElement.dataset.beeps = Number(document.documentElement.dataset.beeps ?? 0) + 1;
  if (!context || !isOn()) return;
  let at = context.currentTime + MARGIN_S;
  for (const [hertz, lengthMs] of tones) {
    const end = at + lengthMs / 1000;
    if (hertz) {
      const tone = new OscillatorNode(context, { type: "square", frequency: hertz });
      const gain = new GainNode(context, { gain: VOLUME });
      gain.gain.setValueAtTime(VOLUME, end - MARGIN_S);
      gain.gain.linearRampToValueAtTime(0, end);
      tone.connect(gain).connect(context.destination);
      tone.start(at);
      tone.stop(end);
    }
    at = end;
  }
}

export function start() {
  for (const gesture of ["keydown", "pointerdown"]) {
    document.addEventListener(gesture, wake, { once: true, capture: true });
  }
  button.addEventListener("click", () => button.setAttribute("aria-pressed", String(!isOn())));
  on("beep", ({ tones }) => play(tones));
}
