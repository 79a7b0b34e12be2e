// The handbook's paragraph of what was clicked.

import { find, language, make, own, text } from "./text.js";

let wanted = 0;

function note(block) {
  if (block.text) return make("p", { dir: "ltr", lang: "en" }, block.text);
  // A value, and what it means in English and in Persian.
  const inOwn = ([value, english, persian]) => (persian ? [value, language === "fa" ? persian : english] : [value, english]);
  const rows = block.rows.map((cells) =>
    make("tr", {}, ...inOwn(cells).map((cell, at) => make(at ? "td" : "th", { dir: "auto" }, cell))),
  );
  return make("div", { className: "wide" }, make("table", {}, make("tbody", {}, ...rows)));
}

function show(paragraph) {
  const facts = paragraph.facts.flatMap(({ word, text: content }) => [
    make("dt", {}, own(word)),
    make("dd", { dir: "auto" }, own(content)),
  ]);
  find("handbook").replaceChildren(
    make(
      "h3",
      {},
      paragraph.key && paragraph.key !== paragraph.topic ? make("bdi", { className: "key-name" }, paragraph.key) : null,
      ` ${own(paragraph.title)} `,
      paragraph.name ? make("code", { dir: "ltr" }, paragraph.name) : null,
    ),
    ...(paragraph.text ? [make("p", {}, own(paragraph.text))] : []),
    make("dl", {}, ...facts),
    ...paragraph.notes.map(note),
  );
  find("handbook").dataset.topic = paragraph.topic;
  find("handbook").scrollTop = 0;
}

/** Read the paragraph of a topic, clicked in a message of this type. */
export async function read(topic, mti) {
  wanted += 1;
  const mine = wanted;
  const answer = await fetch(`/handbook/${encodeURIComponent(topic)}?mti=${encodeURIComponent(mti ?? "")}`);
  if (answer.ok && mine === wanted) show(await answer.json());
}

find("handbook").append(make("p", { className: "quiet" }, text("handbook_hint")));
