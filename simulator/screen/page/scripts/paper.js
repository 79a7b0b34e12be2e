// The paper: slips as the printer drew them, dot by dot, the newest at the printer's mouth.

import { on } from "./channel.js";
import { find, make, number, text } from "./text.js";

const KEPT = 20;
const slips = [];

function picture(slip) {
  const alternative = slip.lines.join("\n");
  const image = make("img", { src: slip.address, width: slip.width, height: slip.height, alt: alternative });
  image.setAttribute("dir", "auto");
  return image;
}

function feed(slip) {
  const paper = find("paper");
  const sheet = make("div", { className: "sheet fresh" }, picture(slip));
  paper.replaceChildren(sheet);
  paper.scrollTop = paper.scrollHeight;
  sheet.addEventListener(
    "animationend",
    () => {
      sheet.classList.remove("fresh");
      paper.scrollTo({ top: 0, behavior: "smooth" });
    },
    { once: true },
  );
  find("paper-tools").hidden = false;
  find("paper-count").textContent = `${text("receipt")} ${number(slip.number)}`;
}

function take(slip) {
  const bytes = Uint8Array.from(atob(slip.png), (character) => character.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  slips.unshift({ ...slip, png: "", address });
  for (const old of slips.splice(KEPT)) URL.revokeObjectURL(old.address);
  feed(slips[0]);
}

function showAll() {
  find("slips").replaceChildren(
    ...slips.map((slip) =>
      make(
        "figure",
        {},
        make("figcaption", {}, `${text("receipt")} ${number(slip.number)} `,
          make("a", { href: slip.address, download: `slip-${slip.number}.png`, className: "chip" }, text("save"))),
        make("div", { className: "sheet" }, picture(slip)),
      ),
    ),
  );
  find("slip").showModal();
}

export function start() {
  find("paper-open").addEventListener("click", showAll);
  on("slip", take);
}
