// The MAC keys of one link: the terminal's own, and behind a key change those of the session.

import { timingSafeEqual } from "node:crypto";

import { deriveSessionKey, Mac } from "./cmac.js";

const ROLL_OVER_MS = 60_000;

export class SessionKeys {
  #terminalKey;
  #terminalId;
  #own;
  #current;
  #next = null;
  #deadlineMs = 0;

  /** A new link begins with the terminal's own key. */
  constructor(terminalKey, terminalId) {
    this.#terminalKey = terminalKey;
    this.#terminalId = terminalId;
    this.#own = this.#current = new Mac(terminalKey);
  }

  /** Whether a key change has opened a session on this link. */
  get inSession() {
    return this.#next !== null || this.#current !== this.#own;
  }

  /** Back to the own key, under which a new key change is asked for. */
  reset() {
    this.#current = this.#own;
    this.#next = null;
  }

  /** Seals what we send. */
  sending(nowMs) {
    this.#settle(nowMs);
    return this.#next ?? this.#current;
  }

  /** Whether a payload of the switch has a right MAC; `ownAllowed` for a 63, which has the own key. */
  verify(payload, nowMs, ownAllowed) {
    this.#settle(nowMs);
    if (this.#next?.verify(payload)) {
      // The switch has used the new key: the old one is gone.
      this.#current = this.#next;
      this.#next = null;
      return true;
    }
    return this.#current.verify(payload) || (ownAllowed && this.#own.verify(payload));
  }

  /** Take up the session that an authentic 0810 offers; false where its check value tells of another key. */
  adopt(counter, checkValue, nowMs) {
    const offered = new Mac(deriveSessionKey(this.#terminalKey, this.#terminalId, counter));
    const wanted = offered.checkValue();
    if (checkValue.length !== wanted.length || !timingSafeEqual(checkValue, wanted)) return false;
    this.#next = offered;
    this.#deadlineMs = nowMs + ROLL_OVER_MS;
    return true;
  }

  #settle(nowMs) {
    if (this.#next !== null && nowMs >= this.#deadlineMs) {
      this.#current = this.#next;
      this.#next = null;
    }
  }
}
