// The event log, the latest first.

import { byId, clock, el } from "./dom.js";

const KEPT = 400;

export class Log {
  constructor() {
    this.list = byId("log");
    this.filter = byId("log-filter");
    this.filter.addEventListener("input", () => this.refilter());
  }

  clear() {
    this.list.replaceChildren();
  }

  add({ lines, missed }) {
    const shown = lines.map((line) => this.line(line));
    if (missed) shown.unshift(this.line({ t: lines[0].t, kind: "page", text: `${missed} lines were missed`, tone: "ask" }));
    this.list.prepend(...shown.reverse());
    while (this.list.childElementCount > KEPT) this.list.lastElementChild.remove();
  }

  line({ t, kind, text, tone }) {
    const item = el(
      "li",
      { "data-tone": tone },
      el("time", { textContent: clock(t) }),
      el("span", { className: "kind", textContent: kind }),
      el("span", { className: "text", textContent: text }),
    );
    item.hidden = !this.fits(item);
    return item;
  }

  fits(item) {
    return item.textContent.toLowerCase().includes(this.filter.value.trim().toLowerCase());
  }

  refilter() {
    for (const item of this.list.children) item.hidden = !this.fits(item);
  }
}
