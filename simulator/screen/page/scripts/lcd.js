// The display: the dots that the firmware drew, on a panel with its light behind.

import { on } from "./channel.js";
import { find, text } from "./text.js";

const COLUMNS = 256;
const ROWS = 64;
const canvas = find("lcd");
const ink = canvas.getContext("2d");
const cell = canvas.width / COLUMNS;

/** Gaps between dots are drawn where the screen is fine enough to show them. */
const dotSize = () => ((canvas.clientWidth * devicePixelRatio) / COLUMNS >= 2.5 ? cell * 0.86 : cell);

function draw(dots) {
  const dot = dotSize();
  const bytes = Uint8Array.from(atob(dots), (character) => character.charCodeAt(0));
  ink.clearRect(0, 0, canvas.width, canvas.height);
  for (let y = 0; y < ROWS; y += 1) {
    for (let x = 0; x < COLUMNS; x += 1) {
      const isDark = (bytes[(y * COLUMNS + x) >> 3] >> (7 - (x & 7))) & 1;
      ink.fillStyle = isDark ? "#0b1f1a" : "#0b1f1a08";
      ink.fillRect(x * cell, y * cell, dot, dot);
    }
  }
}

export function start() {
  on("lcd", ({ lines, dots }) => {
    draw(dots);
    find("lcd-text").textContent = lines.filter(Boolean).join("\n") || text("display_off");
  });
}
