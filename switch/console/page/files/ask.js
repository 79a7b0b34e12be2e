// Questions to the switch. Whoever isn't logged in is led to the login.

const BASE = "console/";
const TIMEOUT_MS = 20000;
const LOGIN = `${BASE}login`;

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

let csrf = "";

/** To the login. */
export function leave() {
  location.assign(LOGIN);
}

export function useToken(token) {
  csrf = token ?? "";
}

/** The same as `ask` where no person wants it just now: a login that nobody uses ends all the same. */
export function askAgain(path) {
  return ask(path, undefined, { "X-Unattended": "1" });
}

/** JSON of a GET, or of a POST where there is a body. Throws Refused; status 0 where nobody answers. */
export async function ask(path, body, headers = {}) {
  const options = { cache: "no-cache", signal: AbortSignal.timeout(TIMEOUT_MS), headers: { Accept: "application/json", ...headers } };
  if (body !== undefined) {
    options.method = "POST";
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
    options.headers["X-CSRF-Token"] = csrf;
  }
  let answer;
  try {
    answer = await fetch(BASE + path, options);
  } catch {
    throw new Refused(0, "unreachable");
  }
  let found = null;
  try {
    found = await answer.json();
  } catch {
    found = null;
  }
  if (answer.status === 401) leave();
  if (!answer.ok) throw new Refused(answer.status, found?.error ?? `HTTP ${answer.status}`);
  return found;
}
