// One link to the switch: frames, MACs, and each request's answer. The terminal opens another when it ends.

import { connect } from "node:net";
import { performance } from "node:perf_hooks";

import { FrameDecoder, frame } from "./framing.js";
import { SessionKeys } from "./session_keys.js";

const PAYLOAD_BYTES_MAX = 1024;
const KEY_CHANGE = "101";

export class Link {
  #codec;
  #socket;
  #waiting = null;
  #decoder = new FrameDecoder(PAYLOAD_BYTES_MAX);

  /** Settles when the link has ended, for whatever reason. */
  ended;
  keys;
  isOpen = true;

  constructor(socket, codec, { key, terminalId }) {
    this.#codec = codec;
    this.#socket = socket;
    this.keys = new SessionKeys(key, terminalId);
    socket.on("data", (data) => this.#take(data));
    socket.on("error", () => socket.destroy());
    this.ended = new Promise((settle) => {
      socket.on("close", () => {
        this.isOpen = false;
        this.#answer(null);
        settle();
      });
    });
  }

  /** A link to {host, port}. Rejects where nobody is there in time. */
  static open({ host, port, timeoutMs }, codec, who) {
    return new Promise((settle, reject) => {
      const socket = connect({ host, port, noDelay: true });
      const timer = setTimeout(() => socket.destroy(new Error("no connection in time")), timeoutMs);
      socket.once("error", reject);
      socket.once("close", () => clearTimeout(timer));
      socket.once("connect", () => {
        clearTimeout(timer);
        socket.removeListener("error", reject);
        settle(new Link(socket, codec, who));
      });
    });
  }

  /**
   * Send a request, and its answer: a message with a right MAC and the request's STAN and terminal; null where
   * none came in time, or the link ended. One request at a time.
   */
  ask(request, timeoutMs) {
    if (!this.isOpen) return Promise.resolve(null);
    const mac = this.keys.sending(performance.now());
    const payload = this.#codec.encodeSealed(request, (covered) => mac.sign(covered));
    return new Promise((settle) => {
      const timer = setTimeout(() => this.#answer(null), timeoutMs);
      this.#waiting = { request, settle, timer };
      this.#socket.write(frame(payload));
    });
  }

  close() {
    this.#socket.destroy();
  }

  #take(data) {
    let payloads;
    try {
      payloads = this.#decoder.feed(data);
    } catch {
      this.close();
      return;
    }
    for (const payload of payloads) this.#hear(payload);
  }

  /** What can't be read, has a wrong MAC or answers something else is no answer, and nothing happens. */
  #hear(payload) {
    const request = this.#waiting?.request;
    if (request === undefined) return;
    let message;
    try {
      message = this.#codec.decode(payload);
    } catch {
      return;
    }
    const isAnswer =
      message.mti === answerTo(request.mti) &&
      message.fields[11] === request.fields[11] &&
      message.fields[41] === request.fields[41];
    const ownAllowed = message.fields[39] === "63" || request.fields[70] === KEY_CHANGE;
    if (isAnswer && this.keys.verify(payload, performance.now(), ownAllowed)) this.#answer(message);
  }

  #answer(message) {
    if (this.#waiting === null) return;
    const { settle, timer } = this.#waiting;
    this.#waiting = null;
    clearTimeout(timer);
    settle(message);
  }
}

/** Type of the answer: 0200 and its repeat 0201 are answered by 0210. */
function answerTo(mti) {
  return `${mti.slice(0, 2)}${Number(mti[2]) + 1}0`;
}
