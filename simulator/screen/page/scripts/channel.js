// The socket to this page's terminal: orders out, news in.

import { language } from "./text.js";

const listeners = new Map();
let socket = null;

/** Have `listener` told of each piece of news with this name. */
export function on(name, listener) {
  listeners.set(name, [...(listeners.get(name) ?? []), listener]);
}

function tell(name, news) {
  for (const listener of listeners.get(name) ?? []) listener(news);
}

/** Have the terminal's hands do something; without a terminal nothing happens. */
export function order(what) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(what));
}

export function open() {
  let farewell = null;
  socket = new WebSocket(`ws://${location.host}/terminal?language=${language}`);
  socket.addEventListener("message", ({ data }) => {
    const news = JSON.parse(data);
    if (news.event === "gone") farewell = news;
    else tell(news.event, news);
  });
  socket.addEventListener("close", () => tell("gone", farewell ?? { why: "" }));
}
