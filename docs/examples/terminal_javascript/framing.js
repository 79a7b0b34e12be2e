// Messages on a TCP stream: two bytes of length, the higher first, then the payload; length 0 is a keep-alive.

export function frame(payload) {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(payload.length);
  return Buffer.concat([head, payload]);
}

export class FrameDecoder {
  #rest = Buffer.alloc(0);
  #payloadBytesMax;

  constructor(payloadBytesMax) {
    this.#payloadBytesMax = payloadBytesMax;
  }

  /** Payloads that `data` completes. Throws where one is announced that is too long: the stream is lost then. */
  feed(data) {
    let stream = Buffer.concat([this.#rest, data]);
    const payloads = [];
    while (stream.length >= 2) {
      const length = stream.readUInt16BE(0);
      if (length > this.#payloadBytesMax) throw new Error("a frame is longer than any message");
      if (stream.length < 2 + length) break;
      if (length) payloads.push(stream.subarray(2, 2 + length));
      stream = stream.subarray(2 + length);
    }
    this.#rest = stream;
    return payloads;
  }
}
