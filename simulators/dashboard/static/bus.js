// The bus as a table: one row a message, its details on demand.

import { byId, el, setAttribute, setText } from "./dom.js";

const AGES_EVERY_MS = 200;
const LATE_CYCLES = 3;
const SILENT_CYCLES = 10;
const LEAST_LATE_MS = 300;
const HEADER = new Set(["RequestId", "TimeToLive"]); // in the details; the line is for what the message is about
const BAD_OF_TEN = 3; // from here the gate takes the message as not received

const UNITS = { celsius: "°C", percent: "%", degrees: "°", minutes: "min", days: "d" };

const duration = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : ms < 100e3 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60e3)} min`);

/** "" while a cyclic message comes in time. */
function ageOf(cycle, age) {
  if (!cycle) return "";
  if (age > Math.max(cycle * SILENT_CYCLES, LEAST_LATE_MS * 2)) return "silent";
  return age > Math.max(cycle * LATE_CYCLES, LEAST_LATE_MS) ? "late" : "";
}

const checkOf = (bad) => (bad >= BAD_OF_TEN ? "bad" : bad > 0 ? "some" : "");

export class Bus {
  constructor(send) {
    this.send = send;
    this.body = byId("bus");
    this.filter = byId("bus-filter");
    this.trouble = byId("bus-trouble");
    this.pauseButton = byId("bus-pause");
    this.paused = false;
    this.rows = new Map();
    this.about = new Map();
    this.offset = 0;
    this.frames = null;
    this.filter.addEventListener("input", () => this.refilter());
    this.trouble.addEventListener("change", () => this.refilter());
    this.pauseButton.addEventListener("click", () => this.pause());
    setInterval(() => this.showAges(), AGES_EVERY_MS);
  }

  hello(hello) {
    this.about = new Map(hello.messages.map((message, order) => [message.name, { ...message, order }]));
    this.rows.clear();
    this.body.replaceChildren();
    this.frames = null;
    if (this.paused) this.send({ do: "watch", bus: false });
  }

  pause() {
    this.paused = !this.paused;
    this.pauseButton.setAttribute("aria-pressed", this.paused);
    this.pauseButton.textContent = this.paused ? "Resume" : "Pause";
    this.frames = null;
    if (this.paused) setText(byId("bus-rate"), "paused");
    this.send({ do: "watch", bus: !this.paused });
  }

  now() {
    return performance.now() / 1000 + this.offset;
  }

  update({ bus = {}, signals = {} }, update) {
    this.offset = update.now_s - performance.now() / 1000;
    if (this.paused) return;
    for (const name of Object.keys(update.board.bus ?? {})) {
      const row = this.rows.get(name) ?? this.newRow(name);
      row.data = bus[name];
      if (update.board.signals && name in update.board.signals) this.showSignals(row, signals[name] ?? {});
      this.showRow(row);
    }
    this.showRate(bus, update.now_s);
  }

  showRate(bus, now) {
    if (this.frames && now - this.frames.at < 1) return;
    let total = 0;
    for (const data of Object.values(bus)) total += data[0];
    if (this.frames) {
      const rate = (total - this.frames.total) / (now - this.frames.at);
      setText(byId("bus-rate"), `${Math.round(rate)} frames/s`);
    }
    this.frames = { total, at: now };
  }

  // --- rows ------------------------------------------------------------------------------------------------------

  newRow(name) {
    const about = this.about.get(name) ?? { id: name, sender: "unknown", cycle_ms: 0, e2e: "", units: {}, order: 1e6 };
    const cell = (className = "") => el("td", { className, role: "cell" });
    const cells = {
      id: cell("id"), name: cell("name"), signals: cell("signals"), age: cell("num age"),
      cycle: cell("num cycle"), e2e: cell("e2e"), count: cell("num count"),
    };
    const toggle = el("button", { type: "button", className: "plain", "aria-expanded": "false" });
    toggle.textContent = this.about.has(name) ? name : "unknown";
    toggle.title = `from ${about.sender}`;
    cells.name.append(toggle);
    cells.id.textContent = about.id.replace("0x", "");
    const line = el("tr", { role: "row", "data-message": name }, ...Object.values(cells));
    if (about.command) line.classList.add("command");
    const row = { name, about, cells, line, toggle, detail: null, data: null, text: "", trouble: false };
    // the whole row is a target for a finger, the button one for the keyboard
    line.addEventListener("click", () => this.toggle(row));
    this.rows.set(name, row);
    const next = [...this.rows.values()].filter((r) => r.about.order > about.order).sort((a, b) => a.about.order - b.about.order)[0];
    this.body.insertBefore(line, next?.line ?? null);
    this.fit(row);
    return row;
  }

  showSignals(row, signals) {
    row.signals = signals;
    const told = Object.entries(signals).filter(([signal]) => !HEADER.has(signal));
    const name = (signal) => (told.length === 1 ? "" : `${signal} `);
    row.text = told.map(([signal, value]) => `${name(signal)}${this.value(row, signal, value)}`).join(" · ");
    setText(row.cells.signals, row.text);
    row.cells.signals.title = row.text;
    if (row.detail) this.showDetail(row);
  }

  value(row, signal, value) {
    const given = row.about.units[signal];
    const unit = UNITS[given] ?? given;
    return unit && typeof value === "number" ? `${value} ${unit}` : String(value);
  }

  showRow(row) {
    const [count, , cycle, e2e, bad] = row.data;
    setText(row.cells.count, count);
    setText(row.cells.cycle, row.about.cycle_ms ? `${Math.round(cycle)} ms` : "–");
    row.cells.cycle.title = row.about.cycle_ms ? `${Math.round(cycle)} ms measured, ${row.about.cycle_ms} ms in the DBC` : "not cyclic";
    const word = e2e.replaceAll("_", " ");
    setText(row.cells.e2e, bad > 0 ? `${word} ${bad}/10` : word || "–");
    row.cells.e2e.title = row.about.e2e ? `${bad} of the last 10 frames were bad` : "not protected";
    if (row.detail) this.showDetail(row);
  }

  showAges() {
    if (this.paused) return;
    const now = this.now();
    for (const row of this.rows.values()) {
      if (!row.data) continue;
      const age = Math.max(0, (now - row.data[1]) * 1000);
      const trouble = [ageOf(row.about.cycle_ms, age), checkOf(row.data[4])];
      setAttribute(row.line, "data-age", trouble[0]);
      setAttribute(row.line, "data-check", trouble[1]);
      row.trouble = trouble.some(Boolean) || !this.about.has(row.name);
      if (this.trouble.checked) this.fit(row);
      if (!row.line.hidden) setText(row.cells.age, duration(age));
    }
  }

  // --- details ----------------------------------------------------------------------------------------------------

  toggle(row) {
    if (row.detail) {
      row.detail.remove();
      row.detail = null;
    } else {
      const cell = el("td", { colSpan: 7, role: "cell" }, el("dl", {}));
      row.detail = el("tr", { className: "detail", role: "row" }, cell);
      row.line.after(row.detail);
      this.showDetail(row);
    }
    row.toggle.setAttribute("aria-expanded", row.detail !== null);
  }

  showDetail(row) {
    const [count, , cycle, , , bytes] = row.data;
    const facts = [
      ...Object.entries(row.signals ?? {}).map(([signal, value]) => [signal, this.value(row, signal, value)]),
      ["bytes", bytes.match(/../g)?.join(" ") ?? ""],
      ["sent by", row.about.sender],
      ["cycle", row.about.cycle_ms ? `${cycle} ms, by the DBC ${row.about.cycle_ms} ms` : "not cyclic"],
      ["protection", row.about.e2e ? `E2E ${row.about.e2e}` : "none"],
      ["frames", count],
    ];
    const list = row.detail.querySelector("dl");
    const pairs = facts.map(([name, value]) => el("div", {}, el("dt", { textContent: name }), el("dd", { textContent: value })));
    list.replaceChildren(...pairs);
  }

  // --- filter -----------------------------------------------------------------------------------------------------

  fit(row) {
    const wanted = this.filter.value.trim().toLowerCase();
    const text = `${row.name} ${row.about.id} ${row.about.sender} ${row.text}`.toLowerCase();
    row.line.hidden = !text.includes(wanted) || (this.trouble.checked && !row.trouble);
    if (row.detail) row.detail.hidden = row.line.hidden;
  }

  refilter() {
    for (const row of this.rows.values()) this.fit(row);
  }
}
