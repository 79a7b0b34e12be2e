"use strict";
// Asks how the services stand, with a key that stays in this tab.
const main = document.getElementById("services");
const told = document.getElementById("told");
const field = document.getElementById("key");
const words = main.dataset;
const language = document.documentElement.lang;
const numbers = new Intl.NumberFormat(language === "fa" ? "fa-IR" : "en");
const times = new Intl.DateTimeFormat(language === "fa" ? "fa-IR-u-ca-persian" : "en-GB", {
  dateStyle: "short",
  timeStyle: "short",
  timeZone: "Asia/Tehran",
});
const KEPT = "vafa-key";

function named(thing) {
  return language === "fa" ? thing.title_fa : thing.title;
}

function add(parent, name, text, className) {
  const element = document.createElement(name);
  element.textContent = text;
  if (className) element.className = className;
  parent.append(element);
  return element;
}

function list(parent, title, entries) {
  if (entries.length === 0) return;
  add(parent, "h3", title);
  const items = add(parent, "ul", "");
  for (const [text, isBad] of entries) add(items, "li", text, isBad ? "bad" : "");
}

function jobText(job) {
  if (job.last_state === null) return `${named(job)}: ${words.never}`;
  const at = job.last_finished_at ? ` · ${times.format(new Date(job.last_finished_at))}` : "";
  return `${named(job)}: ${words[job.last_state]}${at}`;
}

function show(service) {
  const card = document.querySelector(`[data-service="${CSS.escape(service.name)}"]`);
  if (!card) return;
  card.dataset.state = service.state;
  card.querySelector(".state").textContent = words[service.state];
  const found = card.querySelector(".found");
  found.replaceChildren();
  for (const notice of service.notices) add(found, "p", language === "fa" ? notice.text_fa : notice.text, "bad");
  list(found, words.modules, service.modules.map((module) => [
    `${named(module)}: ${module.is_on ? words.on : words.off}`, false,
  ]));
  list(found, words.workers, service.workers.map((worker) => [
    `${words[worker.name]}: ${worker.last_error ?? words.well}`, worker.last_error !== null,
  ]));
  list(found, words.jobs, service.jobs.map((job) => [jobText(job), job.last_state === "failed"]));
  add(found, "h3", `${words.day}: ${numbers.format(service.events)}`);
}

async function ask(key) {
  told.textContent = "";
  let answer;
  try {
    answer = await fetch("v1/services", {
      headers: { "X-API-Key": key, "Accept-Language": language },
      credentials: "omit",
      cache: "no-store",
    });
  } catch {
    told.textContent = words.unreachable;
    return;
  }
  const body = await answer.json();
  if (!answer.ok) {
    sessionStorage.removeItem(KEPT);
    told.textContent = answer.status === 401 ? words.refused : body.title;
    return;
  }
  sessionStorage.setItem(KEPT, key);
  field.value = "";
  body.items.forEach(show);
}

document.getElementById("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  ask(field.value.trim());
});
const kept = sessionStorage.getItem(KEPT);
if (kept) ask(kept);
