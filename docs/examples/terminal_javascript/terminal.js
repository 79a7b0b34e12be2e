// The terminal: what it says to the switch, and what it makes of the answer.

import { setTimeout as pause } from "node:timers/promises";

import { Link } from "./link.js";

const SIGN_ON = "001";
const KEY_CHANGE = "101";
const ECHO = "301";
const PURCHASE = "000000";
const PURCHASE_FROM_POINTS = "009100";
const RIAL = "364";
// A 0410 with one of these decides nothing: the reversal is repeated.
const UNDECIDED = new Set(["58", "63", "68", "91", "96"]);
const COPIED_BY_REVERSALS = [3, 4, 12, 13, 41, 42, 49];

export class Terminal {
  #settings;
  #codec;
  #journal;
  #link = null;
  #signedOn = false;
  #stopped = false;
  #arrivals = [];
  #turn = Promise.resolve();

  /** Settings: host, port, terminalId, merchantId, key, timeoutMs, retryMs, sessions, card. */
  constructor(settings, codec, journal) {
    this.#settings = settings;
    this.#codec = codec;
    this.#journal = journal;
  }

  /** Keep a link that is signed on, until `stop`. What an earlier life owes is reversed first. */
  async run() {
    while (!this.#stopped) {
      try {
        this.#link = await Link.open(this.#settings, this.#codec, this.#settings);
        if (await this.#signOn()) {
          this.#signedOn = true;
          for (const arrived of this.#arrivals.splice(0)) arrived();
          this.#inTurn(() => this.#settle());
          await this.#link.ended;
        }
      } catch {
        // Nobody is there: the same as a link that has ended.
      }
      this.#signedOn = false;
      this.#link?.close();
      if (!this.#stopped) await pause(this.#settings.retryMs);
    }
  }

  stop() {
    this.#stopped = true;
    this.#link?.close();
    for (const arrived of this.#arrivals.splice(0)) arrived();
  }

  /** Sell; resolves to one line that tells how it ended. Amounts are whole rials. */
  purchase(amount, card) {
    return this.#inTurn(() => this.#sell(PURCHASE, amount, card));
  }

  /** The same, paid with points. */
  redemption(amount, card) {
    return this.#inTurn(() => this.#sell(PURCHASE_FROM_POINTS, amount, card));
  }

  echo() {
    return this.#inTurn(async () => {
      const link = await this.#ready();
      const reply = await link?.ask(this.#network(ECHO), this.#settings.timeoutMs);
      return reply?.fields[39] === "00" ? "echo" : "no answer";
    });
  }

  /** Ask for a new session key. */
  keyChange() {
    return this.#inTurn(async () => ((await this.#changeKeys(await this.#ready())) ? "keys changed" : "old keys"));
  }

  async #sell(processingCode, amount, card = this.#settings.card) {
    const digits = String(amount).padStart(12, "0");
    if (!/^\d{12}$/.test(digits)) return "no such amount";
    if (!/^\d{8,19}(=\d{1,17})?$/.test(card ?? "")) return "no card";
    await this.#settle();
    const link = await this.#ready();
    if (link === null) return "no link";
    if (this.#journal.owed) return "the last sale is still to be reversed";
    const sale = this.#message("0200", {
      3: processingCode,
      4: digits,
      ...localTime(),
      22: card.includes("=") ? "021" : "011",
      [card.includes("=") ? 35 : 2]: card,
      42: this.#settings.merchantId,
      49: RIAL,
    });
    // Its reversal is on the disk before the sale leaves.
    this.#journal.owed = { fields: this.#reversalOf(sale), sent: false };
    const reply = await this.#askUntilHeard(link, sale);
    if (reply === null) {
      await this.#settle();
      return this.#journal.owed ? "no answer; the reversal is still to be sent" : "no answer: reversed";
    }
    this.#journal.owed = null;
    const { 39: code, 37: rrn, 48: tags } = reply.fields;
    if (code !== "00") return `declined ${code}`;
    const number = (tag) => Number(tags?.get(tag) ?? 0);
    return `approved ${rrn}: ${number("DF01")} points earned, ${number("DF03")} spent`;
  }

  /** The answer to a sale; where the switch has forgotten our sign-on or our session, the sale is repeated once. */
  async #askUntilHeard(link, sale) {
    const reply = await link.ask(sale, this.#settings.timeoutMs);
    const code = reply?.fields[39];
    let mended = false;
    if (code === "58") mended = await this.#signOn();
    if (code === "63" && link.keys.inSession) {
      link.keys.reset();
      mended = await this.#changeKeys(link);
    }
    return mended ? link.ask({ ...sale, mti: "0201" }, this.#settings.timeoutMs) : reply;
  }

  /** Send the reversal that is owed until somebody acknowledges it: first as 0400, then as 0401. */
  async #settle() {
    while (this.#journal.owed && !this.#stopped) {
      const link = await this.#ready();
      if (link === null) return;
      let { fields, sent } = this.#journal.owed;
      if (!sent) {
        fields = { ...fields, 7: utcTime() };
        this.#journal.owed = { fields, sent: true };
      }
      const reply = await link.ask({ mti: sent ? "0401" : "0400", fields }, this.#settings.timeoutMs);
      const code = reply?.fields[39];
      if (code === "58") await this.#signOn();
      if (code === "63" && link.keys.inSession) {
        link.keys.reset();
        await this.#changeKeys(link);
      }
      if (reply !== null && !UNDECIDED.has(code)) this.#journal.owed = null;
      else await pause(this.#settings.retryMs);
    }
  }

  /** The link, signed on; null where there is none within the time that an answer may take. */
  async #ready() {
    if (!this.#signedOn) {
      const arrived = new Promise((settle) => this.#arrivals.push(settle));
      await Promise.race([arrived, pause(this.#settings.timeoutMs, undefined, { ref: false })]);
    }
    return this.#signedOn ? this.#link : null;
  }

  async #signOn() {
    const reply = await this.#link.ask(this.#network(SIGN_ON), this.#settings.timeoutMs);
    if (reply?.fields[39] !== "00") return false;
    return !this.#settings.sessions || this.#changeKeys(this.#link);
  }

  /** 0800/101 tells the session we had; the 0810 offers the next one, and no key travels. */
  async #changeKeys(link) {
    if (link === null) return false;
    const asked = new Map([["DF30", String(this.#journal.session).padStart(10, "0")]]);
    const reply = await link.ask(this.#network(KEY_CHANGE, { 48: asked }), this.#settings.timeoutMs);
    const tags = reply?.fields[48];
    const counter = Number(tags?.get("DF30"));
    if (reply?.fields[39] !== "00" || !(counter > this.#journal.session && counter <= 0xffffffff)) return false;
    if (!link.keys.adopt(counter, tags.get("DF31") ?? Buffer.alloc(0), performance.now())) return false;
    this.#journal.session = counter;
    return true;
  }

  #network(code, more = {}) {
    return this.#message("0800", { 70: code, ...more });
  }

  #message(mti, fields) {
    return { mti, fields: { 7: utcTime(), 11: this.#journal.nextStan(), 41: this.#settings.terminalId, ...fields } };
  }

  #reversalOf({ mti, fields }) {
    const copied = Object.fromEntries(COPIED_BY_REVERSALS.map((number) => [number, fields[number]]));
    const original = `${mti}${fields[11]}${fields[7]}`.padEnd(42, "0");
    return { ...copied, 7: fields[7], 11: this.#journal.nextStan(), 90: original };
  }

  /** One thing after another: a terminal has one customer. */
  #inTurn(work) {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}

function two(number) {
  return String(number).padStart(2, "0");
}

/** Field 7: MMDDhhmmss in UTC. */
function utcTime(now = new Date()) {
  return [now.getUTCMonth() + 1, now.getUTCDate(), now.getUTCHours(), now.getUTCMinutes(), now.getUTCSeconds()]
    .map(two)
    .join("");
}

/** Fields 12 and 13: what the clock on the wall shows. */
function localTime(now = new Date()) {
  return {
    12: [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(""),
    13: [now.getMonth() + 1, now.getDate()].map(two).join(""),
  };
}
