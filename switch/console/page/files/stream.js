// The stream of events: comes back by itself, ever more seldom, and knows how old its figures are.
import { askAgain, Refused } from "./ask.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15000;
// The stream says something ten times a second; a connection may be dead without a word.
const SILENCE_MS = 4000;
const STALE_MS = 1500;

export class Stream {
  constructor(onFrame, onSight) {
    this.onFrame = onFrame;
    this.onSight = onSight;
    this.heardAt = 0;
    this.tries = 0;
    this.why = "";
    this.isUp = false;
    setInterval(() => this.watch(), 500);
    addEventListener("online", () => this.open());
    document.addEventListener("visibilitychange", () => document.hidden || this.isUp || this.open());
    this.open();
  }

  /** How long nothing was heard; null where nothing ever was. */
  get ageMs() {
    return this.heardAt ? performance.now() - this.heardAt : null;
  }

  get isStale() {
    return this.ageMs === null || this.ageMs > STALE_MS;
  }

  open() {
    clearTimeout(this.timer);
    this.source?.close();
    this.openedAt = performance.now();
    const source = this.source = new EventSource("console/stream");
    const heard = (act) => (event) => {
      this.heardAt = performance.now();
      this.tries = 0;
      this.isUp = true;
      this.why = "";
      act(JSON.parse(event.data));
    };
    source.addEventListener("frame", heard(this.onFrame));
    source.addEventListener("sight", heard(this.onSight));
    source.onerror = () => this.source === source && this.lost();
  }

  watch() {
    const since = Math.max(this.heardAt, this.openedAt);
    if (this.source && performance.now() - since > SILENCE_MS) this.lost();
  }

  lost() {
    this.source?.close();
    this.source = null;
    this.isUp = false;
    clearTimeout(this.timer);
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.tries) * (0.5 + Math.random() / 2);
    this.tries += 1;
    this.timer = setTimeout(() => this.back(), wait);
  }

  /** An event source doesn't tell why it is refused; a question does, and leads to the login. */
  async back() {
    try {
      await askAgain("terminals?limit=1");
    } catch (fault) {
      this.why = fault instanceof Refused && fault.status ? fault.message : "";
      if (fault.status === 401) return;
      if (!fault.status) {
        this.lost();
        return;
      }
    }
    this.open();
  }
}
