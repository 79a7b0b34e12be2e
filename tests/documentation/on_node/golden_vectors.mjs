// The golden vectors through the JavaScript codec, CMAC and key derivation. Arguments: the folder of the example, that
// of the vectors.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";

const [example, vectors] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${example}/${name}`));
const read = (name) => JSON.parse(readFileSync(`${vectors}/${name}`, "utf-8"));
const { Codec } = await load("codec.js");
const { deriveInCounterMode, Mac } = await load("cmac.js");
const { MessageFault } = await load("fault.js");
const { FrameDecoder, frame } = await load("framing.js");

const failed = [];
let tried = 0;
function check(name, isRight) {
  tried++;
  if (!isRight) failed.push(name);
}

function value(written) {
  if (typeof written === "string") return written;
  if (Object.keys(written).join() === "hex") return Buffer.from(written.hex, "hex");
  return new Map(Object.entries(written).map(([tag, content]) => [tag, value(content)]));
}

/** The golden file's message, and the order of its tags as they stand there. */
function message({ mti, fields }) {
  return { mti, fields: Object.fromEntries(Object.entries(fields).map(([number, field]) => [number, value(field)])) };
}

function faultOf(work) {
  try {
    work();
  } catch (fault) {
    if (!(fault instanceof MessageFault)) throw fault;
    return [fault.code, fault.path, fault.offset];
  }
  return null;
}

const codec = Codec.fromFile(new URL("spec.json", pathToFileURL(`${example}/`)));
const golden = read("messages.json");
const mac = new Mac(Buffer.from(golden.key, "hex"));
for (const { name, message: written, payload } of golden.messages) {
  const raw = Buffer.from(payload, "hex");
  const expected = message(written);
  check(`${name}: decode`, isDeepStrictEqual(codec.decode(raw), expected));
  check(`${name}: encode`, codec.encode(expected).equals(raw));
  check(`${name}: seal`, codec.encodeSealed(expected, (covered) => mac.sign(covered)).equals(raw) && mac.verify(raw));
  for (let at = 0; at < raw.length; at++) {
    const damaged = Buffer.from(raw);
    damaged[at] ^= 1;
    if (mac.verify(damaged)) check(`${name}: MAC with byte ${at} damaged`, false);
    // Cut or damaged bytes are a message or a fault, never anything else.
    for (const bytes of [damaged, raw.subarray(0, at)]) {
      const again = (() => {
        let found = null;
        const fault = faultOf(() => (found = codec.decode(bytes)));
        return fault ?? codec.encode(found).equals(bytes);
      })();
      if (again === false) check(`${name}: damaged at ${at}, written otherwise than read`, false);
    }
  }
  const decoder = new FrameDecoder(1024);
  const cut = [...Buffer.concat([frame(raw), frame(Buffer.alloc(0)), frame(raw)])];
  const payloads = cut.flatMap((byte) => decoder.feed(Buffer.from([byte])));
  check(`${name}: frames`, payloads.length === 2 && payloads.every((each) => each.equals(raw)));
}
for (const { name, payload, code, path, offset } of golden.malformed) {
  const fault = faultOf(() => codec.decode(Buffer.from(payload, "hex")));
  check(`${name}: ${fault}`, isDeepStrictEqual(fault, [code, path, offset]));
}

const security = read("security.json");
for (const { key, message: text, macs } of security.aes_cmac)
  for (const { length, mac: expected } of macs) {
    const digest = new Mac(Buffer.from(key, "hex")).digest(Buffer.from(text, "hex").subarray(0, length));
    check(`CMAC of ${length} bytes`, digest.toString("hex").toUpperCase() === expected);
  }
for (const { method, key, check_value: expected } of security.check_value)
  if (method === "cmac")
    check("check value", new Mac(Buffer.from(key, "hex")).checkValue().toString("hex").toUpperCase() === expected);
for (const { key, fixed_input: fixed, derived } of security.kdf_counter_mode)
  if (key.length === 32) {
    const found = deriveInCounterMode(Buffer.from(key, "hex"), Buffer.from(fixed, "hex"), derived.length / 2);
    check("KDF in counter mode", found.toString("hex").toUpperCase() === derived);
  }

for (const name of failed) console.log(name);
console.log(`tried ${tried}, failed ${failed.length}`);
process.exitCode = failed.length ? 1 : 0;
