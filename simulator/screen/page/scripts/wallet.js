// The wallet: one card is in the hand, and goes to one of the terminal's readers.

import { on, order } from "./channel.js";
import { find, make, own, text } from "./text.js";

const SHORTCUTS = { swipe: "S", insert: "I", tap: "T", scan: "C" };
const TAKE_OUT = "O";
const tiles = new Map();
let cards = [];
let inHand = null;
let atReader = null;

const grouped = (digits) => digits.replace(/(.{4})(?=.)/g, "$1 ");

function face(card) {
  return [
    make("span", { className: "card-title" }, own(card.title)),
    make("span", { className: `card-mark ${card.ways.includes("insert") ? "has-chip" : ""}`, "aria-hidden": "true" }),
    make("bdi", { className: "card-number", dir: "ltr" }, grouped(card.number)),
    make("span", { className: "card-expiry", dir: "ltr" }, card.expiry),
  ];
}

function choose(card, focuses = false) {
  inHand = card;
  for (const [name, tile] of tiles) {
    const isChosen = name === card.name;
    tile.setAttribute("aria-checked", String(isChosen));
    tile.tabIndex = isChosen ? 0 : -1;
    if (isChosen && focuses) tile.focus();
  }
  if (focuses) tiles.get(card.name).scrollIntoView({ block: "nearest", inline: "nearest" });
  find("card-about").textContent = own(card.about);
  showWays();
}

function wayButton(way, label, shortcut, act) {
  const button = make(
    "button",
    { type: "button", className: `way ${way}`, "aria-keyshortcuts": shortcut },
    make("span", {}, label),
    make("kbd", {}, shortcut),
  );
  button.addEventListener("click", act);
  return button;
}

function showWays() {
  const ways = find("ways");
  const hadFocus = ways.contains(document.activeElement);
  const buttons = atReader
    ? [wayButton("out", text("take_out"), TAKE_OUT, takeOut)]
    : inHand.ways.map((way) => wayButton(way, text(`way_${way}`), SHORTCUTS[way], () => present(way)));
  ways.replaceChildren(...buttons);
  if (hadFocus) buttons[0].focus();
}

// The hand goes back to the keypad, so that Enter is the terminal's.
function present(way) {
  if (atReader || !inHand?.ways.includes(way)) return;
  order({ do: "card", card: inHand.name, way });
  find("terminal").focus({ preventScroll: true });
}

function takeOut() {
  if (!atReader) return;
  order({ do: "remove" });
  find("terminal").focus({ preventScroll: true });
}

function move(event) {
  const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
  const backward = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
  const step = { [forward]: 1, ArrowDown: 1, [backward]: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  choose(cards[(cards.indexOf(inHand) + step + cards.length) % cards.length], true);
}

function showHeld(state) {
  atReader = state.card;
  const held = find("held");
  const card = cards.find((each) => each.name === state.card);
  held.replaceChildren(...(card ? face(card) : []));
  held.className = card ? `held plastic ${card.name} ${state.way}` : "held";
  for (const [name, tile] of tiles) tile.classList.toggle("away", name === state.card);
  if (inHand) showWays();
}

/** What a key of the computer does to the card in the hand; null where it is none of ours. */
export function walletKey(event) {
  const way = Object.keys(SHORTCUTS).find((each) => event.code === `Key${SHORTCUTS[each]}`);
  if (way) return () => present(way);
  return event.code === `Key${TAKE_OUT}` ? takeOut : null;
}

export function focus() {
  tiles.get(inHand?.name)?.focus();
}

export function start() {
  on("hello", (hello) => {
    cards = hello.cards;
    const list = find("cards");
    for (const card of cards) {
      const tile = make("button", { type: "button", className: `plastic ${card.name}`, role: "radio" }, ...face(card));
      tile.addEventListener("click", () => choose(card));
      tile.addEventListener("dblclick", () => present(card.ways[0]));
      tiles.set(card.name, tile);
      list.append(tile);
    }
    list.addEventListener("keydown", move);
    choose(cards[0]);
    if (!hello.has_club) find("wallet-note").textContent = text("no_club");
    find("terminal-id").textContent = `${hello.terminal} · ${hello.merchant}`;
  });
  find("held").addEventListener("click", takeOut);
  on("state", showHeld);
}
