/**
 * A message or its bytes break the spec. `code`, `path` ("48.DF01") and `offset` (of the first bad byte in the
 * payload, null for a message of ours) are those of the golden vectors; the text never has a value in it.
 */
export class MessageFault extends Error {
  constructor(code, path = "", offset = null) {
    super(`${code} ${path}${offset === null ? "" : ` at byte ${offset}`}`.trim());
    this.code = code;
    this.path = path;
    this.offset = offset;
  }
}
