// BER-TLV (ISO/IEC 8825-1, definite lengths) of fields 48 and 120. Tags that the spec knows become text, any
// other tag stays bytes and is written back as it came; a Map keeps them in their order.

import { MessageFault } from "./fault.js";

const TAGS_MAX = 64;
const TAG_BYTES_MAX = 3;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Tags of a field's content. `base` is where the content stands in the payload. */
export function readTags(specs, content, path, base) {
  const found = new Map();
  let at = 0;
  while (at < content.length) {
    const { tag, start, end } = element(content, at, path, base);
    const inner = `${path}.${tag}`;
    if (found.has(tag)) throw new MessageFault("duplicate_tag", inner, base + at);
    if (found.size === TAGS_MAX) throw new MessageFault("too_many_tags", path, base + at);
    found.set(tag, readValue(specs[tag], content.subarray(start, end), inner, base + start));
    at = end;
  }
  return found;
}

/** Content of a field with these tags, a Map of text, or of bytes where the spec lacks the tag. */
export function writeTags(specs, tags, path) {
  if (!(tags instanceof Map)) throw new MessageFault("wrong_value_type", path);
  if (tags.size > TAGS_MAX) throw new MessageFault("too_many_tags", path);
  const pieces = [];
  for (const [tag, value] of tags) {
    const raw = writeValue(specs[tag], value, `${path}.${tag}`);
    pieces.push(tagBytes(tag, path), lengthBytes(raw.length, `${path}.${tag}`), raw);
  }
  return Buffer.concat(pieces);
}

function element(content, at, path, base) {
  let tagEnd = at + 1;
  if ((content[at] & 0x1f) === 0x1f) {
    for (;;) {
      if (tagEnd >= content.length) throw new MessageFault("truncated", path, base + at);
      if (tagEnd - at >= TAG_BYTES_MAX) throw new MessageFault("bad_tag", path, base + at);
      if (content[tagEnd++] < 0x80) break;
    }
    // X.690 8.1.2.4.2: a tag number has no leading zeros.
    if (content[at + 1] === 0x80) throw new MessageFault("bad_tag", path, base + at);
  }
  const tag = content.toString("hex", at, tagEnd).toUpperCase();
  const inner = `${path}.${tag}`;
  if (tagEnd >= content.length) throw new MessageFault("truncated", inner, base + tagEnd);
  let length = content[tagEnd];
  let start = tagEnd + 1;
  if (length >= 0x80) {
    const width = length & 0x7f;
    if ((width !== 1 && width !== 2) || start + width > content.length)
      throw new MessageFault("bad_length", inner, base + tagEnd);
    length = content.readUIntBE(start, width);
    start += width;
    if (length < 0x80 || (width === 2 && length < 0x100))
      throw new MessageFault("non_minimal_length", inner, base + tagEnd);
  }
  if (start + length > content.length) throw new MessageFault("truncated", inner, base + start);
  return { tag, start, end: start + length };
}

function readValue(spec, raw, path, offset) {
  if (spec === undefined) return raw;
  if (spec.kind === "n") {
    if (raw.length * 2 !== spec.size) throw new MessageFault("bad_length", path, offset);
    const digits = raw.toString("hex");
    if (!/^\d*$/.test(digits)) throw new MessageFault("bad_nibble", path, offset);
    return digits;
  }
  if (raw.length > spec.size) throw new MessageFault("length_over_maximum", path, offset);
  if (spec.kind === "b") return raw;
  try {
    return utf8.decode(raw);
  } catch {
    throw new MessageFault("bad_character", path, offset);
  }
}

function writeValue(spec, value, path) {
  const isBytes = spec === undefined || spec.kind === "b";
  if (isBytes !== Buffer.isBuffer(value) || (!isBytes && typeof value !== "string"))
    throw new MessageFault("wrong_value_type", path);
  if (spec?.kind === "n") {
    if (!/^\d*$/.test(value)) throw new MessageFault("bad_character", path);
    if (value.length !== spec.size) throw new MessageFault("bad_length", path);
    return Buffer.from(value, "hex");
  }
  const raw = isBytes ? value : Buffer.from(value, "utf-8");
  if (spec !== undefined && raw.length > spec.size) throw new MessageFault("length_over_maximum", path);
  return raw;
}

function tagBytes(tag, path) {
  const raw = Buffer.from(tag, "hex");
  const whole = raw.length ? element(Buffer.concat([raw, Buffer.alloc(1)]), 0, path, 0).tag : "";
  if (whole !== tag) throw new MessageFault("bad_tag", path);
  return raw;
}

function lengthBytes(length, path) {
  if (length < 0x80) return Buffer.from([length]);
  if (length < 0x100) return Buffer.from([0x81, length]);
  if (length > 0xffff) throw new MessageFault("length_over_maximum", path);
  return Buffer.from([0x82, length >> 8, length & 0xff]);
}
