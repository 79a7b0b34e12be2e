// The packed codec: messages to payloads and back, by the message spec in spec.json and nothing else.

import { readFileSync } from "node:fs";

import { MessageFault } from "./fault.js";
import { readTags, writeTags } from "./tlv.js";

export const MAC_BYTES = 8;
const PREFIX_BYTES = { fixed: 0, LL: 1, LLL: 2 };
const CLASSES = { n: /^\d*$/, z: /^[\d=]*$/, an: /^[0-9A-Za-z]*$/, ans: /^[ -~]*$/ };

export class Codec {
  #spec;

  /** A spec as parsed JSON. Throws where it asks for more than packed digits, ASCII, bytes and BER-TLV. */
  constructor(spec) {
    const packed = spec.mti_encoding === "bcd" && spec.bitmap_encoding === "binary" && spec.length_encoding === "bcd";
    if (spec.format !== 1 || !packed || spec.bitmap_bytes === 16) throw new Error("this codec is for packed specs");
    for (const [number, field] of Object.entries(spec.fields)) {
      const known = { n: "bcd", z: "bcd", an: "ascii", ans: "ascii", b: "binary", tlv: "binary" }[field.kind];
      if (field.encoding !== known || !(field.length in PREFIX_BYTES) || number > 128 || field.justify === "right")
        throw new Error(`this codec has no form for field ${number}`);
    }
    if (Object.values(spec.tags ?? {}).some((tag) => tag.kind === "tlv")) throw new Error("no tags inside of tags");
    this.#spec = spec;
  }

  static fromFile(path) {
    return new Codec(JSON.parse(readFileSync(path, "utf-8")));
  }

  /** The payload's {mti, fields}: fields by number, as text, Buffer, or Map of tags. Throws MessageFault. */
  decode(payload) {
    if (payload.length > this.#spec.payload_maximum_bytes) throw new MessageFault("oversize_frame");
    const mti = payload.toString("hex", 0, 2);
    if (!/^\d{4}$/.test(mti)) throw new MessageFault("bad_message_type", "mti", 0);
    const fields = {};
    let { numbers, offset } = readBitmap(payload);
    for (const number of numbers) {
      const field = this.#spec.fields[number];
      if (field === undefined) throw new MessageFault("unknown_field", String(number), offset);
      [fields[number], offset] = this.#read(field, payload, offset, String(number));
    }
    if (offset !== payload.length) throw new MessageFault("trailing_bytes", "", offset);
    return { mti, fields };
  }

  /** The payload of a message. Throws MessageFault where a value does not fit. */
  encode({ mti, fields }) {
    if (!/^\d{4}$/.test(mti)) throw new MessageFault("bad_message_type", "mti");
    const numbers = Object.keys(fields).map(Number).sort((one, other) => one - other);
    const pieces = [Buffer.from(mti, "hex"), writeBitmap(numbers)];
    for (const number of numbers) {
      const field = this.#spec.fields[number];
      if (field === undefined) throw new MessageFault("unknown_field", String(number));
      pieces.push(this.#write(field, fields[number], String(number)));
    }
    const payload = Buffer.concat(pieces);
    if (payload.length > this.#spec.payload_maximum_bytes) throw new MessageFault("oversize_frame");
    return payload;
  }

  /** The payload with its MAC in the last field: 64, or 128 where a field past 64 stands. */
  encodeSealed({ mti, fields }, sign) {
    const others = Object.fromEntries(Object.entries(fields).filter(([number]) => number !== "64" && number !== "128"));
    others[Object.keys(others).some((number) => number > 64) ? 128 : 64] = Buffer.alloc(MAC_BYTES);
    const payload = this.encode({ mti, fields: others });
    const covered = payload.subarray(0, -MAC_BYTES);
    return Buffer.concat([covered, sign(covered).subarray(0, MAC_BYTES)]);
  }

  #read(field, payload, offset, path) {
    const prefix = PREFIX_BYTES[field.length];
    let count = field.size;
    let start = offset;
    if (prefix) {
      if (offset + prefix > payload.length) throw new MessageFault("truncated", path, offset);
      const digits = payload.toString("hex", offset, offset + prefix);
      if (!/^\d+$/.test(digits)) throw new MessageFault("bad_length", path, offset);
      count = Number(digits);
      if (count > field.size) throw new MessageFault("length_over_maximum", path, offset);
      start += prefix;
    }
    const end = start + (field.unit === "digits" ? (count + 1) >> 1 : count);
    if (end > payload.length) throw new MessageFault("truncated", path, start);
    const raw = payload.subarray(start, end);
    if (field.kind === "b") return [raw, end];
    if (field.kind === "tlv") return [readTags(this.#spec.tags, raw, path, start), end];
    return [field.unit === "digits" ? unpack(field, raw, count, path, start) : text(field, raw, path, start), end];
  }

  #write(field, value, path) {
    const isText = field.kind !== "b" && field.kind !== "tlv";
    if (isText ? typeof value !== "string" : field.kind === "b" && !Buffer.isBuffer(value))
      throw new MessageFault("wrong_value_type", path);
    let raw = value;
    if (field.kind === "tlv") raw = writeTags(this.#spec.tags, value, path);
    if (isText) {
      if (!CLASSES[field.kind].test(value)) throw new MessageFault("bad_character", path);
      const digits = field.pad === "left" ? `0${value}` : `${value}f`;
      const even = (value.length % 2 ? digits : value).replaceAll("=", "d");
      if (field.unit === "digits") raw = Buffer.from(even, "hex");
      else raw = Buffer.from(field.justify ? value.padEnd(field.size, field.fill) : value, "latin1");
    }
    const count = field.unit === "digits" ? value.length : raw.length;
    if (count > field.size) throw new MessageFault("length_over_maximum", path);
    const prefix = PREFIX_BYTES[field.length];
    if (prefix) return Buffer.concat([Buffer.from(String(count).padStart(prefix * 2, "0"), "hex"), raw]);
    if (count !== field.size) throw new MessageFault("bad_length", path);
    return raw;
  }
}

/** Digits and track characters, two a byte; an odd number of them has a filler nibble: 0 in front, or F behind. */
function unpack(field, raw, count, path, offset) {
  let nibbles = raw.toString("hex");
  if (nibbles.length !== count) {
    const left = field.pad === "left";
    if ((left ? nibbles[0] : nibbles.at(-1)) !== (field.kind === "z" ? "f" : "0"))
      throw new MessageFault("bad_padding", path, offset);
    nibbles = left ? nibbles.slice(1) : nibbles.slice(0, -1);
  }
  const value = field.kind === "z" ? nibbles.replaceAll("d", "=") : nibbles;
  if (!CLASSES[field.kind].test(value)) throw new MessageFault("bad_nibble", path, offset);
  return value;
}

function text(field, raw, path, offset) {
  let value = raw.toString("latin1");
  if (field.justify) while (value.endsWith(field.fill)) value = value.slice(0, -1);
  if (!CLASSES[field.kind].test(value)) throw new MessageFault("bad_character", path, offset);
  return value;
}

function readBitmap(payload) {
  const numbers = [];
  let offset = 2;
  for (let first = 1; first <= 65; first += 64) {
    if (offset + 8 > payload.length) throw new MessageFault("truncated", "bitmap", offset);
    const word = payload.readBigUInt64BE(offset);
    // The second word is announced by bit 1, and then has a field.
    if (first === 65 && word === 0n) throw new MessageFault("bad_bitmap", "bitmap", offset);
    for (let bit = 0; bit < 64; bit++) if ((word >> BigInt(63 - bit)) & 1n) numbers.push(first + bit);
    offset += 8;
    if (numbers[0] !== 1) break;
  }
  return { numbers: numbers.filter((number) => number !== 1), offset };
}

function writeBitmap(numbers) {
  const bitmap = Buffer.alloc(numbers.at(-1) > 64 ? 16 : 8);
  for (const number of bitmap.length > 8 ? [1, ...numbers] : numbers) {
    if (number < 1 || number > 128) throw new MessageFault("unknown_field", String(number));
    bitmap[(number - 1) >> 3] |= 0x80 >> ((number - 1) & 7);
  }
  return bitmap;
}
