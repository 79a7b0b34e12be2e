// What has to outlive a power cut: the trace number, the session counter, and the reversal that is owed.

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const STAN_MAX = 999_999;

export class Journal {
  #path;
  #state = { format: 1, stan: 0, session: 0, owed: null };

  constructor(path) {
    this.#path = path;
    if (!existsSync(path)) return;
    const found = JSON.parse(readFileSync(path, "utf-8"));
    if (found.format !== 1) throw new Error(`${path}: not a journal of format 1`);
    this.#state = found;
  }

  /** A trace number that was never used before (until it has gone round). */
  nextStan() {
    this.#keep({ stan: (this.#state.stan % STAN_MAX) + 1 });
    return String(this.#state.stan).padStart(6, "0");
  }

  /** The session that the last key change opened, 0 before the first. */
  get session() {
    return this.#state.session;
  }

  set session(counter) {
    this.#keep({ session: counter });
  }

  /** The reversal of the sale that is open: {fields, sent}, or null. It holds no card. */
  get owed() {
    return this.#state.owed;
  }

  /** On the disk before this returns: what is sent after it can be undone after any power cut. */
  set owed(reversal) {
    this.#keep({ owed: reversal });
  }

  #keep(change) {
    const state = { ...this.#state, ...change };
    const unfinished = `${this.#path}.unfinished`;
    const file = openSync(unfinished, "w", 0o600);
    try {
      writeFileSync(file, JSON.stringify(state));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, this.#path);
    const folder = openSync(dirname(this.#path), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
    this.#state = state;
  }
}
