// One transaction's whole story.
import { ask } from "./ask.js";
import { code, make, pairs, panel, table } from "./dom.js";
import { codeTitle, day, digits, inBoth, moment, named, number, text, words } from "./words.js";

// As the journal has it where a lot never expires.
const NEVER_S = 2 ** 40 - 1;

export class StoryView {
  constructor(page, main, position) {
    this.page = page;
    this.main = main;
    main.append(make("p", { class: "none" }, text("searching")));
    this.read(position);
  }

  close() {
    this.isClosed = true;
  }

  async read(position) {
    try {
      const story = await ask(`transactions/${encodeURIComponent(position)}`);
      if (!this.isClosed) this.draw(story);
    } catch (fault) {
      if (!this.isClosed) this.main.replaceChildren(make("p", { class: "bad", role: "alert" }, fault.status ? fault.message : text("unreachable")));
    }
  }

  draw(story) {
    const { transaction } = story;
    const title = transaction.type ? named("kind", transaction.type) : named("entry", transaction.kind);
    this.main.replaceChildren(
      make("header", { class: "story" },
        make("h2", {}, title, " ", code(digits(transaction.rrn))),
        make("p", {}, moment(transaction.at_ms), transaction.amount === undefined ? null : [text("and"), text("rial", { n: number(transaction.amount) })],
          transaction.terminal_id ? [text("and"), text("terminal"), " ", code(transaction.terminal_id)] : null),
        story.response ? make("p", { class: story.response.code === "00" ? "mark-good" : "mark-bad" },
          code(digits(story.response.code)), " ", inBoth(story.response.title) || codeTitle(story.response.code),
          inBoth(story.response.member_text) ? make("q", {}, inBoth(story.response.member_text)) : null) : null),
      make("div", { class: "panels story" },
        story.receipt ? panel(text("receipt"), receipt(story.receipt)) : null,
        panel(text("links"), links(story)),
        story.rules ? panel(text("rules_gave"), rules(story.rules)) : null,
        story.postings ? make("section", { class: "panel full" }, make("h2", {}, text("postings")), postings(story.postings)) : null,
        story.lines?.length ? panel(text("basket"), basket(story.lines)) : null,
        story.records?.length ? panel(text("records"), story.records.map(record)) : null,
        story.open_hold ? panel(text("open_hold"), plain(story.open_hold)) : null,
        story.returned ? panel(text("returned"), plain(story.returned)) : null,
        story.partner ? panel(text("panel_partner"), plain({ ...story.partner, reply_fields: undefined })) : null,
        story.reconciliation ? panel(text("reconciliation"), plain(story.reconciliation.claimed), plain(story.reconciliation.counted)) : null,
        panel(text("panel_journal"), journal(story)),
        story.messages ? ["request", "reply"].map((name) => make("section", { class: "panel full message", id: `message-${name}` },
          make("h2", {}, text(name), " ", code(digits(story.messages[name].mti)), " ", make("small", {}, inBoth(story.messages[name].title))),
          message(story.messages[name]))) : null,
        make("section", { class: "panel full" }, make("h2", {}, text("all_fields")), table(
          [{ text: text("name") }, { text: text("meaning"), class: "wide" }, { text: text("value") }],
          story.fields.map((field) => [code(field.name), inBoth(field.title), valueOf(field)]), text("all_fields"))),
        make("section", { class: "panel full" }, make("h2", {}, text("not_kept")), make("ul", { class: "plain" }, story.not_kept.map((each) => make("li", {}, inBoth(each)))))));
  }
}

function valueOf({ name, value }) {
  if (value === null || value === "") return "–";
  if (typeof value === "boolean") return text(value ? "yes" : "no");
  const ms = name.endsWith("_ms") ? value : name.endsWith("_s") && value < NEVER_S ? value * 1000 : 0;
  if (ms > 1e12) return [moment(ms), " ", code(value, { class: "code quiet" })];
  return code(value);
}

function entryLink(position) {
  return make("a", { href: `#story/${position}` }, code(digits(String(position).padStart(12, "0"))));
}

function receipt({ lines, lacks }) {
  const shown = lines[words.language] ?? lines.fa;
  return [
    make("div", { class: "slip", dir: words.language === "fa" ? "rtl" : "ltr" }, shown.map(([form, first, beside]) =>
      form === "separator" ? make("hr") : make("p", { class: form }, make("span", {}, first), beside ? make("span", {}, beside) : null))),
    lacks.length ? make("p", { class: "none" }, text("receipt_lacks", { what: lacks.map((name) => named("lacks", name)).join(text("comma")) })) : null,
  ];
}

function links({ links: found, repeat_gets: repeat }) {
  const rows = [
    ...found.earlier.map((link) => [text("this_one"), named("way", link.way), entryLink(link.position)]),
    ...found.later.map((link) => [entryLink(link.position), named("way", link.way), text("this_one")]),
    ...(found.undone_by && !found.later.some((link) => link.position === found.undone_by) ? [[entryLink(found.undone_by), named("way", "reverses"), text("this_one")]] : []),
  ];
  return [
    rows.length ? table([{ text: text("entry") }, { text: text("does") }, { text: text("to") }], rows, text("links")) : make("p", { class: "none" }, text("no_links")),
    found.next_after ? make("p", { class: "none" }, text("looked_to", { position: digits(found.read_to) })) : null,
    repeat ? make("p", {}, text("repeat_gets"), " ", repeat === "stored_reply" ? text("stored_reply") : [code(digits(repeat)), " ", codeTitle(repeat)]) : null,
  ].flat();
}

function rules(found) {
  return [
    make("p", {}, text("decided_by", { n: digits(found.table_version) }), found.in_force_from_ms ? [text("and"), moment(found.in_force_from_ms)] : null,
      found.is_table_known ? null : ` · ${text("table_unknown")}`),
    found.are_of_the_sale ? make("p", { class: "none" }, text("of_the_sale")) : null,
    ...found.grants.map((grant) => make("article", { class: "grant" },
      make("h3", {}, code(grant.rule), " ", inBoth(grant.name)),
      make("p", {}, named("effect", grant.effect), " ", make("b", {}, number(grant.granted)),
        grant.purse ? [" ", named("purse", grant.purse)] : null, " ", text("for"), " ", named("party", grant.beneficiary.split(":")[0]), " ", digits(grant.beneficiary.split(":")[1] ?? ""),
        grant.desired === grant.granted ? null : ` · ${text("wanted", { n: number(grant.desired) })}`),
      make("p", { class: "none" }, inBoth(grant.why), text("and"), text("basis", { n: number(grant.basis) }),
        grant.expires_at_s && grant.expires_at_s < NEVER_S ? ` · ${text("expires", { time: moment(grant.expires_at_s * 1000) })}` : ""))),
    ...found.refused_by.map((rule) => make("article", { class: "grant refused" }, make("h3", {}, text("refused_by"), " ", code(rule.rule), " ", inBoth(rule.name)))),
    found.grants.length || found.refused_by.length ? null : make("p", { class: "none" }, text("no_grants")),
  ];
}

function postings(found) {
  const lots = (moves) => moves.map((lot) => make("li", {}, text("lot"), " ", code(lot.account), " ", make("b", { dir: "ltr" }, signed(lot.delta)), " ",
    lot.expires_at_s && lot.expires_at_s < NEVER_S ? text("expires", { time: moment(lot.expires_at_s * 1000) }) : text("never_expires"),
    lot.available_from_s ? ` · ${text("available", { time: moment(lot.available_from_s * 1000) })}` : ""));
  return [
    table([{ text: text("purse") }, { text: text("debit") }, { text: text("credit") }, { text: text("units"), class: "number" }, { text: text("why") },
      { text: text("rule") }, { text: text("lots"), class: "wide" }],
    found.transfers.map((each) => [named("purse", each.purse), code(each.debit), code(each.credit), number(each.amount),
      make("span", {}, named("reason", each.reason), each.stage === "posted" ? "" : ` · ${named("stage", each.stage)}`,
        each.undoes ? [" · ", text("undoes"), " ", entryLink(each.undoes.position)] : null, each.settles ? [" · ", text("settles"), " ", entryLink(each.settles.position)] : null),
      each.rule ? code(each.rule) : "–", make("ul", { class: "plain" }, lots(each.lots))]), text("postings")),
    found.lots_besides.length ? make("ul", { class: "plain" }, lots(found.lots_besides)) : null,
    found.balances_after.length ? make("p", {}, text("balances_after"), " ", found.balances_after.map((each) => `${named("purse", each.purse)} ${number(each.amount)}`).join(text("and"))) : null,
    found.counters.length ? make("details", {}, make("summary", {}, text("counters", { n: number(found.counters.length) })), make("ul", { class: "plain" },
      found.counters.map((each) => make("li", {}, code(each.counter), " ", code(each.subject), " ", make("b", { dir: "ltr" }, signed(each.delta)))))) : null,
  ].filter(Boolean);
}

function signed(value) {
  return (value > 0 ? "+" : value < 0 ? "−" : "") + number(Math.abs(value));
}

function basket(lines) {
  return table([{ text: text("sku") }, { text: text("category") }, { text: text("quantity"), class: "number" }, { text: text("amount"), class: "number" }],
    lines.map((line) => [code(line.sku), code(line.category), number(line.quantity), number(line.amount)]), text("basket"));
}

function record(found) {
  return make("article", { class: "grant" }, make("h3", {}, code(found.file), found.is_deleted ? ` · ${text("deleted")}` : ""),
    pairs(found.tags.map((tag) => [inBoth(tag.title) || tag.tag, make("bdi", {}, tag.value)])));
}

function plain(found) {
  return pairs(Object.entries(found).filter(([, value]) => value !== undefined && value !== null && typeof value !== "object")
    .map(([name, value]) => [named("name", name), typeof value === "number" ? number(value) : typeof value === "boolean" ? text(value ? "yes" : "no") : make("bdi", {}, value)]));
}

function journal({ journal: found }) {
  const { batch } = found;
  return pairs([
    [text("position"), code(digits(found.position))],
    [text("business_day"), found.business_date ? day(found.business_date) : text("not_known")],
    [text("batch"), code(`${digits(batch.first_position)}–${digits(batch.last_position)}`)],
    [text("checksums"), make("span", { class: batch.entries_fit ? "mark-good" : "mark-bad" }, text(batch.entries_fit ? "fits" : "does_not_fit"))],
    [text("chain"), make("span", { class: batch.chain_fits ? "mark-good" : "mark-bad" }, text(batch.chain_fits ? "fits" : "does_not_fit"))],
    [text("chain_hash"), code(batch.chain_hash, { class: "code hash" })],
    [text("previous_hash"), code(batch.previous_hash, { class: "code hash" })],
    [text("file"), code(`${batch.segment} @ ${batch.offset}`)],
  ]);
}

/** Fields beside their bytes: to point at one is to see the other. */
function message(found) {
  const cells = found.hex ? found.hex.split(" ") : [];
  const shown = cells.map((byte, place) => make("span", { "data-byte": place }, byte));
  const mark = (start, end, isOn) => shown.slice(start, end).forEach((byte) => byte.classList.toggle("pointed", isOn));
  const rows = [];
  const add = (fields, depth) => {
    for (const field of fields) {
      const on = () => mark(field.start, field.end, true);
      const off = () => mark(field.start, field.end, false);
      rows.push(make("tr", { tabindex: "0", "data-path": field.path, onpointerenter: on, onpointerleave: off, onfocus: on, onblur: off },
        make("td", { class: `depth-${depth}` }, code(field.path)),
        make("td", { class: "wide" }, inBoth(field.title) || field.name),
        make("td", {}, field.parts ? "" : make("bdi", { dir: "auto", class: "value" }, field.value ?? "–")),
        make("td", {}, code(field.parts ? "" : cells.slice(field.start, field.end).join(" "), { class: "code hex" }))));
      if (field.parts) add(field.parts, depth + 1);
    }
  };
  add(found.fields, 0);
  const missing = [...found.lacks, ...found.may_lack];
  return [
    table([{ text: text("field") }, { text: text("meaning"), class: "wide" }, { text: text("value") }, { text: text("bytes") }], rows, text("fields")),
    make("p", { class: "bytes", dir: "ltr", "aria-label": text("bytes") }, shown.flatMap((byte) => [byte, " "])),
    missing.length ? make("details", {}, make("summary", {}, text("lacks", { n: number(missing.length) })), make("ul", { class: "plain" }, missing.map((each) =>
      make("li", {}, code(digits(each.field)), " ", inBoth(each.title), " – ", inBoth(each.why))))) : null,
  ].filter(Boolean);
}
