// AES-CMAC (NIST SP 800-38B, RFC 4493) and what Vafa makes of it: check values and session keys. Node has the
// block cipher, not the MAC.

import { createCipheriv, timingSafeEqual } from "node:crypto";

const BLOCK_BYTES = 16;
const MAC_BYTES = 8;

export class Mac {
  #key;
  #whole;
  #filled;

  /** Of an AES key of 16, 24 or 32 bytes. */
  constructor(key) {
    if (![16, 24, 32].includes(key.length)) throw new Error("an AES key has 16, 24 or 32 bytes");
    this.#key = key;
    this.#whole = doubled(this.#encipher(Buffer.alloc(BLOCK_BYTES)));
    this.#filled = doubled(this.#whole);
  }

  /** All 16 bytes of the CMAC. */
  digest(content) {
    const blocks = Math.max(1, Math.ceil(content.length / BLOCK_BYTES));
    const padded = Buffer.alloc(blocks * BLOCK_BYTES);
    content.copy(padded);
    const isWhole = content.length === padded.length;
    if (!isWhole) padded[content.length] = 0x80;
    const last = padded.subarray(-BLOCK_BYTES);
    xor(last, isWhole ? this.#whole : this.#filled);
    let state = Buffer.alloc(BLOCK_BYTES);
    for (let at = 0; at < padded.length; at += BLOCK_BYTES) {
      xor(state, padded.subarray(at, at + BLOCK_BYTES));
      state = this.#encipher(state);
    }
    return state;
  }

  /** The message's MAC: the leftmost 8 bytes. */
  sign(covered) {
    return this.digest(covered).subarray(0, MAC_BYTES);
  }

  /** Whether the last 8 bytes of a payload authenticate the rest. */
  verify(payload) {
    if (payload.length <= MAC_BYTES) return false;
    return timingSafeEqual(this.sign(payload.subarray(0, -MAC_BYTES)), payload.subarray(-MAC_BYTES));
  }

  /** Check value of the key: 5 bytes that tell whether two have the same one (ANSI X9.24-1:2017 annex A). */
  checkValue() {
    return this.digest(Buffer.alloc(BLOCK_BYTES)).subarray(0, 5);
  }

  #encipher(block) {
    const cipher = createCipheriv(`aes-${this.#key.length * 8}-ecb`, this.#key, null);
    cipher.setAutoPadding(false);
    return cipher.update(block);
  }
}

/** KDF in counter mode with AES-CMAC, a counter of 32 bits in front (NIST SP 800-108r1 clause 4.1). */
export function deriveInCounterMode(key, fixedInput, lengthBytes) {
  const mac = new Mac(key);
  const blocks = [];
  for (let counter = 1; blocks.length * BLOCK_BYTES < lengthBytes; counter++) {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(counter);
    blocks.push(mac.digest(Buffer.concat([head, fixedInput])));
  }
  return Buffer.concat(blocks).subarray(0, lengthBytes);
}

/** MAC key of one session of a terminal; sessions are counted from 1. */
export function deriveSessionKey(terminalKey, terminalId, counter) {
  const fixedInput = Buffer.alloc(33);
  fixedInput.write("vafa session mac\0", 0, "latin1");
  fixedInput.write(terminalId.padEnd(8), 17, "latin1");
  fixedInput.writeUInt32BE(counter, 25);
  fixedInput.writeUInt32BE(128, 29);
  return deriveInCounterMode(terminalKey, fixedInput, 16);
}

function xor(into, other) {
  for (let at = 0; at < BLOCK_BYTES; at++) into[at] ^= other[at];
}

/** A block times x in GF(2^128), RFC 4493 section 2.3. */
function doubled(block) {
  const shifted = Buffer.alloc(BLOCK_BYTES);
  for (let at = 0; at < BLOCK_BYTES; at++) shifted[at] = (block[at] << 1) | (at < 15 ? block[at + 1] >> 7 : 0);
  if (block[0] & 0x80) shifted[15] ^= 0x87;
  return shifted;
}
