// The car as a picture: every part shows what the bus tells of it.

import { byId, el, number, setAttribute, setText, words } from "./dom.js";

const SEATS = ["driver", "passenger", "rear_left", "rear_right"];
const WINDOW_MM = 60; // the pane's length in the drawing
const ROOF_HEIGHT = 26;
const DOOR_ANGLE = 32;
const MIRROR_ANGLE = 62;
const DASH = 40; // length and gap together of the road's marks
const FULL_ROLL_MS = 4000; // for one mark at 1 km/h
const COLORS = {
  white: "#dfe8ff", red: "#ff4d4d", orange: "#ff9340", yellow: "#ffd84d", green: "#3ddc84",
  cyan: "#3dd6e0", blue: "#4d8dff", purple: "#b06cff", pink: "#ff7ac8",
};

export class CarPicture {
  constructor() {
    this.facts = new Map();
    this.shown = null;
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    this.road = byId("dashes").animate([{ transform: "translateY(0)" }, { transform: `translateY(${DASH}px)` }], { duration: FULL_ROLL_MS, iterations: Infinity });
    this.road.pause();
    this.mayMove = () => !still.matches;
  }

  update({ car }, update) {
    if (!car || !update.board.car) return;
    const c = car;
    this.surroundings(c);
    this.lights(c);
    this.doors(c);
    this.seats(c);
    this.roof(c);
    this.rest(c);
    this.tellFacts(c);
    setText(byId("car-summary"), summary(c));
  }

  surroundings(c) {
    const scene = byId("scene");
    scene.classList.toggle("night", c.ambient_light === "night");
    scene.classList.toggle("wet", c.rain === "yes");
    scene.classList.toggle("crashed", c.crash !== "none");
    scene.classList.toggle("off", c.ignition === "off");
    const speed = number(c.vehicle_speed);
    if (speed > 0.5 && this.mayMove()) {
      // marks pass faster, but never so fast that the eye loses them
      this.road.playbackRate = Math.min(speed, 120) * 0.12 * (c.gear === "R" ? -1 : 1);
      if (this.road.playState !== "running") this.road.play();
    } else if (this.road.playState === "running") this.road.pause();
  }

  lights(c) {
    const night = c.ambient_light === "night";
    const beam = { off: "off", parking: "parking", low: "low", high: "high", auto: night ? "low" : "off" }[c.headlights] ?? "off";
    const beams = byId("beams");
    setAttribute(beams, "data-beam", beam);
    beams.classList.toggle("foggy", c.front_fog_lights === "on");
    byId("head-lamps").classList.toggle("lit", beam !== "off");
    byId("tail-lamps").classList.toggle("lit", beam !== "off");
    byId("tails").classList.toggle("lit", beam !== "off");
    byId("tails").classList.toggle("foggy", c.rear_fog_lights === "on");
    byId("hazards").classList.toggle("on", c.hazard_lights === "on");
    for (const zone of ["driver", "passenger", "rear"]) {
      byId(`${zone}-cabin-light`).classList.toggle("on", c[`${zone}_cabin_light`] === "on");
    }
    const cabin = byId("cabin");
    const bright = number(c.ambient_brightness) / 100;
    cabin.style.setProperty("--ambient", COLORS[c.ambient_color] ?? c.ambient_color);
    cabin.style.setProperty("--ambient-strength", bright > 0 ? 0.35 + 0.65 * bright : 0);
  }

  doors(c) {
    for (const seat of SEATS) {
      const door = byId(`${seat}-door`);
      const sign = door.dataset.side === "left" ? 1 : -1;
      const open = c[`${seat}_door`] === "open";
      door.style.transform = open ? `rotate(${sign * DOOR_ANGLE}deg)` : "";
      door.classList.toggle("open", open);
      const position = number(c[`${seat}_window`]);
      setAttribute(door, "data-open", position);
      // the glass sinks: what is left of it is closed
      setAttribute(door.querySelector(".pane"), "height", (WINDOW_MM * (100 - position)) / 100);
      setText(byId(`${seat}-window-text`), position > 0 ? `${Math.round(position)}%` : "");
      const lock = byId(`${seat}-lock`);
      lock.classList.toggle("aside", open);
      byId(`${seat}-window-text`).classList.toggle("aside", open);
      const locked = c[`${seat}_door_lock`] === "locked";
      lock.classList.toggle("locked", locked);
      setAttribute(lock, "href", locked ? "#padlock" : "#padlock-open");
    }
    for (const [side, sign] of [["left", -1], ["right", 1]]) {
      const fold = { unfolded: 0, moving: 0.5, folded: 1 }[c[`${side}_mirror_fold`]] ?? 0;
      byId(`${side}-mirror`).style.transform = fold ? `rotate(${sign * MIRROR_ANGLE * fold}deg)` : "";
    }
    const trunk = byId("trunk");
    setAttribute(trunk, "data-state", c.trunk);
    setText(byId("trunk-text"), c.trunk === "closed" ? "" : c.trunk);
    byId("hood").classList.toggle("open", c.hood === "open");
  }

  seats(c) {
    for (const seat of SEATS) {
      const node = byId(`${seat}-seat`);
      setAttribute(node, "data-heat", number(c[`${seat}_seat_heating`]));
      setAttribute(node, "data-cool", number(c[`${seat}_seat_ventilation`]));
      node.classList.toggle("moving", c[`${seat}_seat_moving`] === "yes");
    }
    byId("wheel").classList.toggle("hot", c.steering_wheel_heating === "on");
  }

  roof(c) {
    const roof = byId("sunroof");
    const open = number(c.sunroof_position);
    const tilt = number(c.sunroof_tilt);
    const pane = roof.querySelector(".pane");
    const height = (ROOF_HEIGHT * (100 - open)) / 100;
    setAttribute(pane, "height", height);
    setAttribute(pane, "y", 245 + ROOF_HEIGHT - height);
    setAttribute(roof.querySelector(".shade"), "height", (ROOF_HEIGHT * number(c.roof_shade)) / 100);
    roof.classList.toggle("tilted", tilt > 0);
    setText(byId("sunroof-text"), open > 0 ? `${Math.round(open)}%` : tilt > 0 ? "tilt" : "");
  }

  rest(c) {
    setAttribute(byId("wipers"), "data-mode", c.front_wiper === "auto" && c.rain === "yes" ? "slow" : c.front_wiper);
    byId("spray").classList.toggle("on", c.front_washer === "washing");
    byId("front-defrost").classList.toggle("on", c.front_defroster === "on");
    byId("rear-defrost").classList.toggle("on", c.rear_defroster === "on");
    const charge = byId("charge");
    setAttribute(charge, "data-port", c.charge_port);
    charge.classList.toggle("plugged", c.plugged_in === "yes");
    charge.classList.toggle("charging", c.charging === "charging");
  }

  tellFacts(c) {
    for (const [name, value, normal] of facts(c)) {
      let node = this.facts.get(name);
      if (!node) {
        node = el("dd");
        byId("facts").append(el("div", {}, el("dt", { textContent: name }), node));
        this.facts.set(name, node);
      }
      setText(node, value);
      node.classList.toggle("changed", value !== normal);
    }
  }
}

const degrees = (value) => (typeof value === "number" ? `${Number(value.toFixed(1))} °C` : String(value ?? "–"));

/** [name, value, value in a car where nothing was touched] */
function facts(c) {
  const zones = [c.driver_temperature, c.passenger_temperature, c.rear_temperature];
  const same = zones.every((value) => value === zones[0]);
  const locked = SEATS.filter((seat) => c[`${seat}_door_lock`] === "locked").length;
  const climate = c.climate_power === "off" ? "off" : [`fan ${c.fan_speed}`, c.air_conditioning === "on" ? "A/C" : "", c.climate_auto === "on" ? "auto" : ""].filter(Boolean).join(", ");
  return [
    ["Cabin", degrees(c.cabin_temperature), degrees(c.cabin_temperature)],
    ["Outside", degrees(c.outside_temperature), degrees(c.outside_temperature)],
    ["Set to", same ? degrees(zones[0]) : zones.map((z) => (typeof z === "number" ? Number(z.toFixed(1)) : z)).join(" / "), "21 °C"],
    ["Climate", climate, "fan 2"],
    ["Headlights", words(String(c.headlights)), "auto"],
    ["Wipers", words(String(c.front_wiper)), "off"],
    ["Doors", locked === 4 ? "locked" : locked === 0 ? "unlocked" : `${locked} of 4 locked`, "unlocked"],
    ["Drive mode", words(String(c.drive_mode)), "normal"],
    ["Battery", `${Math.round(number(c.battery_level))} %${c.charging === "charging" ? ", charging" : ""}`, "64 %"],
    ["Range", `${Math.round(number(c.range))} km`, `${Math.round(number(c.range))} km`],
  ];
}

/** What a screen reader says of the picture. */
function summary(c) {
  const parts = [];
  for (const seat of SEATS) {
    if (number(c[`${seat}_window`]) > 0) parts.push(`${words(seat)} window ${Math.round(c[`${seat}_window`])} percent open`);
    if (c[`${seat}_door`] === "open") parts.push(`${words(seat)} door open`);
    if (number(c[`${seat}_seat_heating`]) > 0) parts.push(`${words(seat)} seat heating at ${c[`${seat}_seat_heating`]}`);
  }
  if (c.trunk !== "closed") parts.push(`trunk ${c.trunk}`);
  if (number(c.sunroof_position) > 0) parts.push(`sunroof ${Math.round(c.sunroof_position)} percent open`);
  if (c.hazard_lights === "on") parts.push("hazard lights on");
  if (c.crash !== "none") parts.push("a crash is detected");
  parts.push(`headlights ${c.headlights}`, `wipers ${c.front_wiper}`);
  return `Top view of the car: ${parts.join(", ")}`;
}
