// What goes wrong in the car: chosen from what the car can do, listed while it lasts.

import { byId, el, words } from "./dom.js";

export class Faults {
  constructor(send) {
    this.send = send;
    this.kind = byId("fault-kind");
    this.target = byId("fault-target");
    this.rest = byId("fault-rest");
    this.shown = "";
    this.kind.addEventListener("change", () => this.offer());
    byId("inject").addEventListener("submit", (event) => this.inject(event));
    byId("clear-all").addEventListener("click", () => send({ do: "clear" }));
  }

  hello(hello) {
    this.menu = new Map(hello.faults.map((fault) => [fault.kind, fault]));
    this.kind.replaceChildren(...hello.faults.map(({ kind }) => el("option", { value: kind, textContent: words(kind) })));
    this.shown = "";
    byId("faults").replaceChildren();
    byId("clear-all").hidden = true;
    this.kind.value = this.menu.has("silence") ? "silence" : this.kind.value;
    this.offer();
  }

  offer() {
    const fault = this.menu.get(this.kind.value);
    this.target.replaceChildren(...fault.targets.map((name) => el("option", { value: name, textContent: name })));
    this.target.value = fault.target;
    this.target.hidden = fault.targets.length === 0;
    this.rest.value = fault.example;
    this.rest.placeholder = fault.rest.toLowerCase();
    this.rest.title = fault.rest;
    this.rest.hidden = fault.rest === "";
    byId("fault-about").textContent = `${fault.about[0].toUpperCase()}${fault.about.slice(1)}.`;
    byId("fault-about").title = fault.about;
  }

  inject(event) {
    event.preventDefault();
    const parts = [this.kind.value];
    if (!this.target.hidden) parts.push(this.target.value);
    if (!this.rest.hidden && this.rest.value.trim()) parts.push(this.rest.value.trim());
    this.send({ do: "inject", fault: parts.join(" ") });
  }

  update({ faults = {} }) {
    const names = Object.keys(faults);
    if (names.join("\n") === this.shown) return;
    this.shown = names.join("\n");
    byId("clear-all").hidden = names.length === 0;
    byId("faults").replaceChildren(...names.map((fault) => this.item(fault)));
  }

  item(fault) {
    const end = el("button", { type: "button", textContent: "Clear", "aria-label": `Clear ${fault}` });
    end.addEventListener("click", () => this.send({ do: "clear", fault }));
    return el("li", {}, el("span", { textContent: fault }), end);
  }
}
