// The conversation: what is said or called, the question that waits for an answer, plans with verdicts and outcomes.

import { byId, clock, complain, el, setText } from "./dom.js";

const EXAMPLES = {
  say: [
    "open my window halfway", "heat my seat and set it to 22 degrees", "play the video big buck bunny",
    "text mum saying I'm running late", "turn on the hazard lights", "open the trunk", "find the nearest petrol station and take me there",
  ],
  call: [
    "control_window position=50", "set_seat_heating level=3", "set_hazard_lights state=on", "play_video title=\"big buck bunny\"",
    "operate_trunk action=open", "set_headlights mode=high",
  ],
};
const PLACEHOLDER = { say: "open my window halfway", call: "control_window position=50" };
const TICK_MS = 100;
const STEP = { planned: "waiting", pending: "asked" };

export class Agent {
  constructor(send) {
    this.send = send;
    this.input = byId("say-text");
    this.mode = "say";
    this.turns = new Map();
    this.functions = {};
    this.until = 0;
    this.asked = null;
    for (const radio of document.querySelectorAll("#say-mode input")) {
      radio.addEventListener("change", () => this.setMode(radio.value));
    }
    byId("say").addEventListener("submit", (event) => this.submit(event));
    this.input.addEventListener("input", () => this.hint());
    byId("undo").addEventListener("click", () => send({ do: "undo" }));
    byId("cancel").addEventListener("click", () => send({ do: "cancel" }));
    byId("answer-yes").addEventListener("click", () => this.answer(true));
    byId("answer-no").addEventListener("click", () => this.answer(false));
    document.addEventListener("keydown", (event) => this.key(event));
    setInterval(() => this.countDown(), TICK_MS);
  }

  hello(hello) {
    this.functions = hello.functions;
    byId("functions").replaceChildren(...Object.keys(hello.functions).map((name) => el("option", { value: name })));
    this.turns.clear();
    byId("turns").replaceChildren();
    byId("turns-empty").hidden = false;
    this.ask(null, 0);
    const say = document.querySelector('#say-mode input[value="say"]');
    say.disabled = !hello.understands_text;
    say.parentElement.title = hello.understands_text ? "" : "There is no language model here";
    const mode = hello.understands_text ? this.mode : "call";
    document.querySelector(`#say-mode input[value="${mode}"]`).checked = true;
    this.setMode(mode);
  }

  // --- telling it something ---------------------------------------------------------------------------------------

  setMode(mode) {
    this.mode = mode;
    this.input.placeholder = PLACEHOLDER[mode];
    this.input.spellcheck = mode === "say";
    this.input.autocapitalize = "off";
    if (mode === "call") this.input.setAttribute("list", "functions");
    else this.input.removeAttribute("list");
    byId("examples").replaceChildren(...EXAMPLES[mode].map((text) => this.example(text)));
    this.hint();
  }

  example(text) {
    const button = el("button", { type: "button", className: "chip", textContent: text });
    button.addEventListener("click", () => this.tell(text));
    return button;
  }

  submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (text && this.tell(text)) {
      this.input.value = "";
      this.hint();
    }
  }

  tell(text) {
    if (this.mode === "say") {
      this.send({ do: "say", text });
      return true;
    }
    const call = parseCall(text);
    if (typeof call === "string") {
      complain(call);
      return false;
    }
    this.send({ do: "call", ...call });
    return true;
  }

  hint() {
    const hint = byId("say-hint");
    const name = this.input.value.trim().split(/[\s(]/)[0];
    const schema = this.mode === "call" ? this.functions[name] : undefined;
    hint.hidden = !schema;
    if (schema) setText(hint, Object.entries(schema.properties).map(([key, p]) => parameter(key, p, schema.required)).join("  ") || "no arguments");
  }

  key(event) {
    const typing = event.target.matches("input:not([type=checkbox], [type=radio], [type=range]), select, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && (this.asked || this.busy)) this.send({ do: "cancel" });
    else if (typing) return;
    else if (event.key === "/") {
      event.preventDefault();
      this.input.focus();
    } else if (this.asked && event.key === "y") this.answer(true);
    else if (this.asked && event.key === "n") this.answer(false);
  }

  // --- the question -------------------------------------------------------------------------------------------------

  ask(question, left) {
    this.until = performance.now() + left * 1000;
    if (this.asked?.id === question?.id) return;
    this.asked = question;
    byId("question").hidden = !question;
    if (question) setText(byId("question-text"), question.text);
    this.countDown();
  }

  answer(yes) {
    if (this.asked) this.send({ do: "answer", question: this.asked.id, yes });
  }

  countDown() {
    if (!this.asked) return;
    const left = Math.max(0, (this.until - performance.now()) / 1000);
    byId("question-bar").value = left;
    setText(byId("question-left"), `${Math.ceil(left)} s`);
  }

  // --- turns --------------------------------------------------------------------------------------------------------

  update({ turns = {}, agent = {} }, update) {
    this.ask(agent.question ?? null, update.question_left_s);
    const changed = Object.keys(update.board.turns ?? {});
    if (!changed.length) return;
    const list = byId("turns");
    for (const number of changed.map(Number).sort((a, b) => a - b)) {
      const turn = turns[number];
      const old = this.turns.get(number);
      if (!turn) {
        old?.remove();
        this.turns.delete(number);
        continue;
      }
      const item = drawTurn(turn, number);
      if (old) old.replaceWith(item);
      else {
        list.prepend(item);
        list.scrollTop = 0;
      }
      this.turns.set(number, item);
      if (turn.reply) setText(byId("spoken"), turn.reply);
    }
    this.busy = Object.values(turns).some((turn) => turn.busy);
    byId("turns-empty").hidden = this.turns.size > 0;
  }
}

function drawTurn(turn, number) {
  const figures = [clock(turn.at_s)];
  if (turn.model_ms) figures.push(`${Math.round(turn.model_ms)} ms`);
  if (turn.confidence !== null) figures.push(`${Math.round(turn.confidence * 100)} % sure`);
  const head = el(
    "p",
    { className: "said" },
    el("span", { className: turn.spoken ? "quote" : "quote code", textContent: turn.said }),
    el("span", { className: "figures", textContent: figures.join(" · ") }),
  );
  const item = el("li", { className: "turn", "data-turn": number }, head);
  if (turn.note) item.append(el("p", { className: "note", textContent: turn.note }));
  if (turn.steps.length) item.append(el("ol", { className: "steps" }, ...turn.steps.map(drawStep)));
  if (turn.busy && !turn.steps.length) item.append(el("p", { className: "reply busy", textContent: "thinking" }));
  if (turn.reply) item.append(el("p", { className: "reply", textContent: turn.reply }));
  if (turn.error) item.append(el("p", { className: "reply error", textContent: turn.error }));
  return item;
}

function drawStep(step) {
  const chips = el("span", { className: "chips" });
  if (step.verdict) {
    chips.append(el("span", { className: "chip verdict", "data-verdict": step.verdict, textContent: step.verdict }));
  }
  const status = STEP[step.status] ?? step.status;
  chips.append(el("span", { className: "chip status", "data-status": step.status, textContent: status }));
  const line = el("li", { className: "step", "data-status": step.status }, el("code", { textContent: step.call }), chips);
  const notes = [];
  if (step.after.length) notes.push(`after ${step.after.join(", ")}`);
  if (step.rule) notes.push(`rule ${step.rule}`);
  if (step.confirmed_ms) notes.push(`confirmed in ${Math.round(step.confirmed_ms)} ms`);
  if (step.settled_ms !== null) notes.push(`settled at ${(step.settled_ms / 1000).toFixed(2)} s`);
  if (notes.length) line.append(el("span", { className: "notes", textContent: notes.join(" · ") }));
  const why = ["refused", "failed", "skipped", "expired"].includes(step.status) ? step.reason : "";
  if (why) line.append(el("span", { className: "why", textContent: why }));
  return line;
}

function parameter(key, schema, required) {
  let kind = schema.enum ? schema.enum.join("|") : schema.type;
  if (schema.minimum !== undefined) kind = `${schema.minimum}…${schema.maximum}`;
  return required.includes(key) ? `${key}=${kind}` : `[${key}=${kind}]`;
}

/** `name key=value key="two words"`, or `name(key=value, key=value)`; a sentence when it is neither. */
export function parseCall(text) {
  const match = /^([a-z_][a-z0-9_]*)\s*(?:\((.*)\)|(.*))$/i.exec(text.trim());
  if (!match) return "write a call as NAME key=value, such as control_window position=50";
  let rest = (match[2] ?? match[3]).trim();
  const args = {};
  while (rest) {
    const pair = /^([a-z_][a-z0-9_]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s,]+))\s*,?\s*/i.exec(rest);
    if (!pair) return `write key=value, or key="two words", at: ${rest}`;
    args[pair[1]] = pair[2] ?? pair[3] ?? pair[4];
    rest = rest.slice(pair[0].length);
  }
  return { name: match[1], arguments: args };
}
