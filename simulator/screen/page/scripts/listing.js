// A list of which one entry is chosen, with arrow keys as well as with a click (ARIA listbox, roving focus).

export class Listing {
  /** `chosen` is told the value of the entry that is chosen. */
  constructor(element, chosen) {
    this.element = element;
    this.chosen = chosen;
    this.values = new Map();
    this.current = null;
    element.addEventListener("keydown", (event) => this.#move(event));
    element.addEventListener("click", (event) => {
      const entry = event.target.closest("[role=option]");
      if (entry) this.choose(entry);
    });
  }

  add(entry, value, isFirst = false) {
    entry.setAttribute("role", "option");
    entry.setAttribute("aria-selected", "false");
    entry.tabIndex = this.values.size ? -1 : 0;
    this.values.set(entry, value);
    if (isFirst) this.element.prepend(entry);
    else this.element.append(entry);
  }

  clear() {
    this.values.clear();
    this.current = null;
    this.element.replaceChildren();
  }

  remove(entry) {
    this.values.delete(entry);
    entry.remove();
  }

  choose(entry, focuses = false) {
    if (this.current) {
      this.current.setAttribute("aria-selected", "false");
      this.current.tabIndex = -1;
    } else {
      for (const other of this.values.keys()) other.tabIndex = -1;
    }
    this.current = entry;
    entry.setAttribute("aria-selected", "true");
    entry.tabIndex = 0;
    if (focuses) entry.focus();
    this.#bringIntoView(entry);
    this.chosen(this.values.get(entry));
  }

  focus() {
    (this.current ?? this.element.querySelector("[role=option]"))?.focus();
  }

  /** Scrolls the list alone, never the page under a reader's eyes. */
  #bringIntoView(entry) {
    const list = this.element; // it is positioned: its entries' places count from its own top
    const top = entry.offsetTop;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + entry.offsetHeight > list.scrollTop + list.clientHeight) {
      list.scrollTop = top + entry.offsetHeight - list.clientHeight;
    }
  }

  #move(event) {
    const entries = [...this.element.querySelectorAll("[role=option]")];
    const at = entries.indexOf(document.activeElement);
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: entries.length - 1,
      Enter: at,
      " ": at,
    }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (entries[to]) this.choose(entries[to], true);
  }
}
