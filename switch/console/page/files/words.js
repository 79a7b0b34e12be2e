// Texts, numbers and times in the reader's language.
import { ask } from "./ask.js";

const KEPT = "vafa-console-language";
const LEFT_TO_RIGHT = "\u2066";
const END = "\u2069";

export const words = { language: "fa", texts: {}, codes: {}, zone: undefined };

export async function readWords() {
  const [texts, codes] = await Promise.all([ask("page/texts.json"), ask("page/codes.json")]);
  words.all = texts;
  words.codes = codes;
  const wanted = localStorage.getItem(KEPT)
    ?? (navigator.languages.some((language) => language.startsWith("fa")) || !navigator.languages.length ? "fa" : "en");
  choose(wanted in texts ? wanted : "fa");
}

export function choose(language) {
  words.language = language;
  words.texts = words.all[language];
  localStorage.setItem(KEPT, language);
  document.documentElement.lang = language;
  document.documentElement.dir = language === "fa" ? "rtl" : "ltr";
  document.title = text("title");
  formats.clear();
}

/** A text by its name, with `{name}` replaced. What is in no language is shown as it is. */
export function text(name, values = {}) {
  const found = words.texts[name];
  if (found === undefined) return name;
  return found.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

/** What a server says in both languages. */
export function inBoth(titles) {
  if (!titles) return "";
  return titles[words.language] || titles.en || titles.fa || "";
}

/** A name that comes from the switch, if it has a text: `kind_purchase` for "purchase". */
export function named(prefix, name) {
  return words.texts[`${prefix}_${name}`] ?? String(name).replaceAll("_", " ");
}

export function codeTitle(responseCode) {
  return inBoth(words.codes[responseCode]) || (responseCode === "other" ? text("other_codes") : "");
}

const formats = new Map();

function format(key, make) {
  const kept = formats.get(key);
  if (kept) return kept;
  const made = make(words.language === "fa" ? "fa-IR" : "en-GB");
  formats.set(key, made);
  return made;
}

export function number(value, digits = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  return format(`n${digits}`, (locale) => new Intl.NumberFormat(locale, {
    maximumFractionDigits: digits, minimumFractionDigits: digits,
  })).format(value);
}

/** Digits as they are, in the reader's script. */
export function digits(value) {
  const plain = String(value);
  return words.language === "fa" ? plain.replace(/[0-9]/g, (digit) => String.fromCharCode(0x06f0 + Number(digit))) : plain;
}

export function percent(share) {
  return format("p", (locale) => new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 })).format(share);
}

/** Microseconds as milliseconds. */
export function milliseconds(us) {
  if (!us) return "–";
  const ms = us / 1000;
  return text("ms", { n: number(ms, ms < 10 ? 2 : ms < 100 ? 1 : 0) });
}

export function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = count;
  let place = 0;
  while (value >= 1024 && place < units.length - 1) {
    value /= 1024;
    place += 1;
  }
  return `${number(value, place && value < 100 ? 1 : 0)} ${LEFT_TO_RIGHT}${units[place]}${END}`;
}

/** An age or a span: "3 min". */
export function span(ms) {
  if (ms === null || ms === undefined) return "–";
  const seconds = Math.max(0, ms) / 1000;
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (seconds >= 2 * size) return unitText(Math.floor(seconds / size), unit);
  }
  return unitText(Math.floor(seconds), "second");
}

function unitText(value, unit) {
  return format(`u${unit}`, (locale) => new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: words.language === "fa" ? "long" : "short" })).format(value);
}

export function ago(ms, now) {
  return ms === null || ms === undefined ? text("never") : text("ago", { span: span(now - ms) });
}

/** Parts of a date or time by name, in the reader's calendar and the programme's time zone. */
function parts(key, ms, options, zone = words.zone) {
  const made = format(key + (zone ?? ""), (locale) => new Intl.DateTimeFormat(
    words.language === "fa" ? `${locale}-u-ca-persian` : locale, { timeZone: zone, hourCycle: "h23", ...options }));
  return Object.fromEntries(made.formatToParts(ms).map((part) => [part.type, part.value]));
}

const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
const DATE = { year: "numeric", month: "2-digit", day: "2-digit" };

export function moment(ms) {
  const at = parts("moment", ms, { ...DATE, ...CLOCK });
  const date = words.language === "fa" ? `${at.year}/${at.month}/${at.day}` : `${at.year}-${at.month}-${at.day}`;
  return `${date} ${at.hour}:${at.minute}:${at.second}`;
}

export function clock(ms) {
  const at = parts("clock", ms, CLOCK);
  return `${at.hour}:${at.minute}:${at.second}`;
}

export function hour(ms) {
  const at = parts("clock", ms, CLOCK);
  return `${at.hour}:${at.minute}`;
}

/** A date as "2026-11-22", which is of no time zone. */
export function day(iso) {
  if (!iso) return "–";
  const at = parts("day", new Date(`${iso}T00:00:00Z`), { weekday: "long", year: "numeric", month: "long", day: "numeric" }, "UTC");
  return `${at.weekday} ${at.day} ${at.month} ${at.year}`;
}

/** Fill in the texts that stand in the page itself. */
export function fillIn(root = document) {
  for (const element of root.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const element of root.querySelectorAll("[data-title]")) {
    element.title = text(element.dataset.title);
    element.setAttribute("aria-label", text(element.dataset.title));
  }
  for (const element of root.querySelectorAll("[data-label]")) element.setAttribute("aria-label", text(element.dataset.label));
}
