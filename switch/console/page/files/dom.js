// Elements, without a word of HTML: texts are always texts.

/** An element; `properties` are attributes, `class`, `data-…`, and listeners as `onclick`. */
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Write a text only where it is another one, so that nothing is laid out for nothing. */
export function write(element, text) {
  if (element.firstChild?.data !== text) element.textContent = text;
}

/** A code, a number or a name from elsewhere, which keeps its own direction. */
export function code(text, properties = {}) {
  return make("bdi", { dir: "ltr", class: "code", ...properties }, String(text));
}

/** A table; `columns` are {text, class}, `rows` arrays of cells or elements. */
export function table(columns, rows, caption, properties = {}) {
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    make("table", properties,
      make("caption", { class: "unseen" }, caption),
      make("thead", {}, make("tr", {}, columns.map((column) => make("th", { scope: "col", class: column.class }, column.text)))),
      make("tbody", {}, rows.map((row) => row instanceof Element ? row
        : make("tr", {}, row.map((cell, place) => make("td", { class: columns[place].class }, cell)))))));
}

/** Titles and values. */
export function pairs(entries) {
  return make("dl", {}, entries.filter(Boolean).map(([title, value]) =>
    make("div", {}, make("dt", {}, title), make("dd", {}, value))));
}

export function panel(title, ...children) {
  return make("section", { class: "panel" }, make("h2", {}, title), ...children);
}

export function find(selector) {
  return document.querySelector(selector);
}
