// The page: keeps the board that the simulator tells of, and lets each panel draw its part.

import { Agent } from "./agent.js";
import { Bus } from "./bus.js";
import { CarPicture } from "./car.js";
import { Connection } from "./connection.js";
import { byId, complain, setAttribute, setText } from "./dom.js";
import { Drive } from "./drive.js";
import { Faults } from "./faults.js";
import { Log } from "./log.js";

const board = {};
const log = new Log();

/** Sends a command; what went wrong is told. Resolves to whether it went well. */
async function send(command) {
  const reply = await connection.send(command);
  if (!reply.ok) complain(reply.error);
  return reply.ok;
}

const panels = [new CarPicture(), new Agent(send), new Drive(send), new Faults(send), new Bus(send)];

function apply(changes) {
  for (const [name, section] of Object.entries(changes)) {
    const target = (board[name] ??= {});
    for (const [key, value] of Object.entries(section)) {
      if (value === null) delete target[key];
      else target[key] = value;
    }
  }
}

function showNow() {
  const { car = {}, agent = {} } = board;
  setText(byId("now-speed"), typeof car.vehicle_speed === "number" ? Math.round(car.vehicle_speed) : "–");
  setText(byId("now-gear"), car.gear ?? "–");
  setText(byId("now-state"), agent.state ?? "–");
  setAttribute(byId("now-state"), "data-state", agent.state ?? "");
}

const connection = new Connection({
  hello(hello) {
    for (const name of Object.keys(board)) delete board[name];
    log.clear();
    for (const panel of panels) panel.hello?.(hello, board);
  },
  board(update) {
    apply(update.board);
    showNow();
    for (const panel of panels) panel.update?.(board, update);
  },
  log(update) {
    log.add(update);
  },
  link(word) {
    setText(byId("link"), word === "lost" ? "connection lost" : word);
    setAttribute(byId("link"), "data-link", word);
    document.body.classList.toggle("lost", word === "lost");
  },
});
