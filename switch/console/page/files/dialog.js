// One dialog at a time. What changes something is asked twice: first what, then whether really.
import { ask } from "./ask.js";
import { find, make, pairs } from "./dom.js";
import { digits, inBoth, moment, named, text } from "./words.js";

export function open(title, content) {
  const dialog = find("#dialog");
  dialog.replaceChildren(make("h2", { id: "dialog-title" }, title), ...content);
  if (!dialog.open) dialog.showModal();
}

export function close() {
  find("#dialog").close();
}

/**
 * Ask for fields, then once more with what was entered, then post it.
 *
 * `fields` are {name, title, kind, options, value, isRequired, hint}; `shape` makes the body of their values.
 * `prepare` asks the switch in between what would happen: {facts, …}, which `shape` gets too.
 */
export function askTwice({ title, explained, fields, path, prepare, shape = (values) => values, isGrave = false, onDone }) {
  const entered = Object.fromEntries(fields.map((field) => [field.name, field.value ?? ""]));
  let prepared = null;

  function first() {
    const told = make("p", { role: "alert", class: "bad" });
    const form = make("form", { onsubmit: async (event) => {
      event.preventDefault();
      for (const field of fields) entered[field.name] = form.elements[field.name].value.trim();
      try {
        prepared = prepare ? await prepare(entered) : null;
        second();
      } catch (fault) {
        told.textContent = fault.status ? fault.message : text("unreachable");
      }
    } },
    explained ? make("p", { class: "explained" }, explained) : null,
    fields.map((field) => make("label", {}, make("span", {}, field.title), input(field, entered[field.name]), field.hint ? make("small", {}, field.hint) : null)),
    told,
    buttons(text("go_on"), false));
    open(title, [form]);
    form.querySelector("input, select, button")?.focus();
  }

  function second() {
    const told = make("p", { role: "alert", class: "bad" });
    const form = make("form", { onsubmit: async (event) => {
      event.preventDefault();
      for (const button of form.querySelectorAll("button")) button.disabled = true;
      try {
        const done = await ask(path, shape(entered, prepared));
        close();
        onDone?.(done);
      } catch (fault) {
        told.textContent = fault.status ? fault.message : text("unreachable");
        for (const button of form.querySelectorAll("button")) button.disabled = false;
      }
    } },
    make("p", { class: "explained" }, text("really", { title })),
    pairs(fields.filter((field) => entered[field.name]).map((field) => [field.title, make("bdi", {}, shownOf(field, entered[field.name]))])),
    prepared?.facts?.length ? pairs(prepared.facts.map((fact) => [inBoth(fact.title), make("bdi", {}, shownFact(fact))])) : null,
    told,
    buttons(text("do_it"), isGrave, first));
    open(title, [form]);
    form.querySelector("button[type=button]").focus();
  }

  first();
}

function shownFact({ name, value }) {
  if (typeof value === "boolean") return value ? "✓" : "✗";
  if (name.endsWith("_ms")) return moment(value);
  if (typeof value === "number") return digits(value);
  return (name.endsWith("status") ? named("status", value) : value) || "—";
}

function shownOf(field, value) {
  return field.options?.find(([key]) => key === value)?.[1] ?? value;
}

function input(field, value) {
  if (field.options) {
    return make("select", { name: field.name, required: field.isRequired },
      field.options.map(([key, shown]) => make("option", { value: key, selected: key === value }, shown)));
  }
  return make("input", {
    name: field.name, value, required: field.isRequired, maxlength: field.maximum ?? 200, autocomplete: "off", spellcheck: "false",
    inputmode: field.kind === "number" ? "numeric" : undefined, pattern: field.pattern, dir: field.kind === "text" ? "auto" : "ltr",
  });
}

function buttons(go, isGrave, back) {
  return make("p", { class: "buttons" },
    make("button", { type: "button", onclick: back ?? close }, back ? text("back") : text("cancel")),
    make("button", { class: isGrave ? "grave" : "first" }, go));
}
