#!/usr/bin/env node
// The terminal as a program. Each line of standard input is something to do, "purchase 250000", and is answered
// by one line of standard output.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

import { Codec } from "./codec.js";
import { Journal } from "./journal.js";
import { Terminal } from "./terminal.js";

const USAGE = `usage: node main.js --switch HOST:PORT --key-file FILE [options]
  --terminal-id ID    T0000001
  --merchant-id ID    SHOP1
  --card CARD         number or track 2 of the card that lines without one mean
  --journal FILE      terminal.journal: what outlives a power cut
  --timeout-ms N      5000: how long an answer may take
  --retry-ms N        1000: pause before a new link, or before a reversal is repeated
  --sessions          change keys behind every sign-on
lines: power_on · purchase AMOUNT [CARD] · redemption AMOUNT [CARD] · key_change · echo · quit`;

function settings() {
  const text = { type: "string" };
  const { values } = parseArgs({
    options: {
      switch: text,
      "terminal-id": { ...text, default: "T0000001" },
      "merchant-id": { ...text, default: "SHOP1" },
      "key-file": text,
      card: text,
      journal: { ...text, default: "terminal.journal" },
      "timeout-ms": { ...text, default: "5000" },
      "retry-ms": { ...text, default: "1000" },
      sessions: { type: "boolean", default: false },
    },
  });
  const [, host, port] = /^(.+):(\d+)$/.exec(values.switch ?? "") ?? [];
  if (host === undefined) throw new Error("--switch wants HOST:PORT");
  if (values["key-file"] === undefined) throw new Error("--key-file is missing");
  const key = readFileSync(values["key-file"], "latin1").trim();
  if (!/^[0-9A-Fa-f]{32}$/.test(key)) throw new Error("the key file has 32 hexadecimal digits");
  return {
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port: Number(port),
    terminalId: values["terminal-id"],
    merchantId: values["merchant-id"],
    key: Buffer.from(key, "hex"),
    card: values.card,
    journal: values.journal,
    timeoutMs: milliseconds(values["timeout-ms"]),
    retryMs: milliseconds(values["retry-ms"]),
    sessions: values.sessions,
  };
}

function milliseconds(written) {
  if (!/^\d{1,6}$/.test(written) || Number(written) === 0) throw new Error("times are from 1 to 999999 ms");
  return Number(written);
}

function perform(terminal, [what, amount, card]) {
  switch (what) {
    case "power_on":
      return "on";
    case "purchase":
      return terminal.purchase(amount, card);
    case "redemption":
      return terminal.redemption(amount, card);
    case "key_change":
      return terminal.keyChange();
    case "echo":
      return terminal.echo();
    default:
      return "not understood";
  }
}

let terminal;
try {
  const given = settings();
  const codec = Codec.fromFile(new URL("spec.json", import.meta.url));
  terminal = new Terminal(given, codec, new Journal(given.journal));
} catch (error) {
  console.error(`${error.message}\n${USAGE}`);
  process.exit(2);
}
const running = terminal.run();
for await (const line of createInterface({ input: process.stdin })) {
  const words = line.trim().split(/\s+/);
  if (words[0] === "quit") break;
  if (words[0]) console.log(await perform(terminal, words));
}
terminal.stop();
await running;
