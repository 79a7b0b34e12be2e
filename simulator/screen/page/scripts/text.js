// The page's texts, numbers and times in its language.

const texts = JSON.parse(document.getElementById("texts").textContent);

export const language = document.documentElement.lang;
const locale = language === "fa" ? "fa-IR-u-nu-arabext" : "en-GB";
const numbers = new Intl.NumberFormat(locale);
const times = new Intl.DateTimeFormat(locale, { timeStyle: "medium", hour12: false });

/** The text of a key; empty where there is none. */
export const text = (key) => texts[key] ?? "";

/** The side of a pair {fa, en} that the page speaks. */
export const own = (pair) => (pair ? pair[language] : "");

export const number = (value) => numbers.format(value);
export const time = (atMs) => times.format(atMs);

/** An element with properties, attributes (those with a hyphen, and role) and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const find = (id) => document.getElementById(id);
