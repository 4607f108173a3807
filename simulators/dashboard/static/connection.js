// The live connection: boards come in, commands go out and are answered by number.

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 5000;

export class Connection {
  /** `on`: functions hello, board, log, and link ("connecting", "live", "lost"). */
  constructor(on) {
    this.on = on;
    this.waiting = new Map();
    this.number = 0;
    this.wait = FIRST_WAIT_MS;
    this.open();
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}/live`);
    this.socket.onmessage = (event) => this.take(JSON.parse(event.data));
    this.socket.onclose = () => this.lost();
  }

  take(document) {
    if (document.type === "reply") {
      const settle = this.waiting.get(document.id);
      this.waiting.delete(document.id);
      if (settle) settle(document);
      return;
    }
    if (document.type === "hello") {
      this.wait = FIRST_WAIT_MS;
      this.on.link("live");
    }
    this.on[document.type]?.(document);
  }

  lost() {
    for (const settle of this.waiting.values()) settle({ ok: false, error: "the connection was lost" });
    this.waiting.clear();
    this.on.link("lost");
    setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
  }

  /** Sends a command; resolves to its reply, `{ok, error}`, and never rejects. */
  send(command) {
    if (this.socket.readyState !== WebSocket.OPEN) {
      return Promise.resolve({ ok: false, error: "not connected to the simulator" });
    }
    this.number += 1;
    const id = this.number;
    this.socket.send(JSON.stringify({ ...command, id }));
    return new Promise((settle) => this.waiting.set(id, settle));
  }
}
