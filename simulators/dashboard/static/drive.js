// What a tester does with the car: speed, gear, surroundings, any setting by name.

import { byId, el, number, setText, words } from "./dom.js";

const SEND_EVERY_MS = 120;

export class Drive {
  constructor(send) {
    this.send = send;
    this.slider = byId("speed");
    this.held = false;
    this.timer = 0;
    this.slider.addEventListener("input", () => this.slid());
    this.slider.addEventListener("pointerdown", () => { this.held = true; });
    for (const end of ["pointerup", "pointercancel", "blur"]) {
      this.slider.addEventListener(end, () => { this.held = false; });
    }
    for (const radio of document.querySelectorAll('#gear input')) {
      radio.addEventListener("change", () => send({ do: "set", name: "gear", value: radio.value }));
    }
    this.switches = [...document.querySelectorAll("[data-set]")];
    for (const box of this.switches) {
      box.addEventListener("change", async () => {
        const value = box.checked ? box.dataset.on : box.dataset.off;
        if (!(await send({ do: "set", name: box.dataset.set, value }))) box.checked = !box.checked;
      });
    }
    byId("set").addEventListener("submit", (event) => this.set(event));
    byId("set-name").addEventListener("input", () => this.offerValues());
  }

  hello(hello) {
    this.settings = hello.settings;
    byId("settings").replaceChildren(...Object.keys(hello.settings).map((name) => el("option", { value: name })));
  }

  slid() {
    setText(byId("speed-out"), `${this.slider.value} km/h`);
    this.wanted = Number(this.slider.value);
    if (this.timer) return;
    // at once, then at most so often; the last one counts
    this.sendSpeed();
    this.timer = setInterval(() => this.sendSpeed(), SEND_EVERY_MS);
  }

  sendSpeed() {
    if (this.wanted === undefined) {
      clearInterval(this.timer);
      this.timer = 0;
      return;
    }
    this.send({ do: "speed", kmh: this.wanted });
    this.wanted = undefined;
  }

  set(event) {
    event.preventDefault();
    const name = byId("set-name").value.trim().replaceAll(" ", "_");
    const value = byId("set-value").value.trim();
    if (name && value) this.send({ do: "set", name, value });
  }

  offerValues() {
    const domain = this.settings?.[byId("set-name").value.trim()];
    byId("set-values").replaceChildren(...(domain?.words ?? []).map((word) => el("option", { value: word })));
    byId("set-value").placeholder = domain?.numeric ? `${domain.low} to ${domain.high} ${domain.unit}` : "value";
  }

  update({ car = {}, drive = {} }) {
    if (!this.held && !this.timer && "target_kmh" in drive) {
      const target = Math.round(number(drive.target_kmh));
      if (Number(this.slider.value) !== target) this.slider.value = target;
      setText(byId("speed-out"), `${target} km/h`);
    }
    for (const radio of document.querySelectorAll("#gear input")) {
      const checked = radio.value === car.gear;
      if (radio.checked !== checked) radio.checked = checked;
    }
    for (const box of this.switches) {
      const checked = car[box.dataset.set] === box.dataset.on;
      if (box.checked !== checked) box.checked = checked;
      box.title = `${words(box.dataset.set)}: ${car[box.dataset.set]}`;
    }
  }
}
