// One message: its bytes coloured by field, its fields, and the handbook's paragraph of the one that is chosen.

import { read } from "./handbook.js";
import { Listing } from "./listing.js";
import { find, make, number, own, text } from "./text.js";

const LENGTH = "length";
let shown = null;
let cells = [];
let rowEntries = new Map();

const fields = new Listing(find("fields"), (row) => {
  mark(row);
  read(row.topic, shown.mti);
});

function mark(row) {
  for (const cell of cells) {
    const isChosen =
      row.path === LENGTH ? cell.place < 0 : cell.place >= row.start && cell.place < row.end;
    cell.element.classList.toggle("chosen", isChosen);
  }
}

/** The deepest row that has a byte: rows stand in the order of the tree, so it is the last one. */
function rowAt(rows, place) {
  return rows.findLast((row) => place >= row.start && place < row.end) ?? null;
}

function drawBytes(message) {
  cells = [];
  const parts = [];
  const cellOf = (value, place, row) => {
    const tone = row ? `tone-${row.tone}` : "tone-none";
    const hidden = /^[0-9A-F]{2}$/.test(value) ? "" : "hidden-byte";
    const element = make("span", { className: `cell ${tone} ${hidden}` }, hidden ? "••" : value);
    element.dataset.path = row?.path ?? "";
    element.title = row ? `${row.label} · ${own(row.name)} · ${text("byte")} ${number(place)}` : text("frame_length");
    cells.push({ element, place });
    return element;
  };
  message.length.forEach((value, place) => {
    const element = cellOf(value, place - message.length.length, null);
    element.dataset.path = LENGTH;
    parts.push(element);
  });
  message.cells.forEach((value, place) => parts.push(cellOf(value, place, rowAt(message.rows, place))));
  find("dump").replaceChildren(...parts);
}

function rangeOf(row) {
  if (row.end <= row.start) return "–";
  return row.end === row.start + 1 ? `${row.start}` : `${row.start}–${row.end - 1}`;
}

function drawFields(message) {
  fields.clear();
  rowEntries = new Map();
  const rows = message.length.length
    ? [{ path: LENGTH, topic: LENGTH, tone: "none", depth: 0, label: "", name: null, value: null }, ...message.rows]
    : [];
  for (const row of rows) {
    const isLength = row.path === LENGTH;
    const entry = make(
      "div",
      { className: `field depth-${Math.min(row.depth, 3)}` },
      make("i", { className: `swatch tone-${row.tone}`, "aria-hidden": "true" }),
      make("bdi", { className: "label" }, row.label),
      make("span", { className: "name" }, isLength ? text("frame_length") : own(row.name)),
      make("bdi", { className: "value", dir: "auto" }, isLength ? String(message.cells.length) : own(row.value)),
      row.masked ? make("span", { className: "masked" }, text("masked")) : null,
      make("bdi", { className: "range", dir: "ltr" }, isLength ? "" : rangeOf(row)),
    );
    entry.dataset.path = row.path;
    fields.add(entry, row);
    rowEntries.set(row.path, entry);
  }
  for (const fault of message.faults) {
    find("fields").append(make("p", { className: "bad-news", dir: "ltr" }, fault));
  }
}

/** Show a message, with the same field chosen as before where it has it. */
export function show(message) {
  const before = fields.current?.dataset.path;
  shown = message;
  find("letter").hidden = false;
  drawBytes(message);
  drawFields(message);
  const again = rowEntries.get(before);
  if (again) fields.choose(again);
}

find("dump").addEventListener("click", (event) => {
  const entry = rowEntries.get(event.target.dataset.path);
  if (entry) fields.choose(entry);
});
