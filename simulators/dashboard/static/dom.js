// Small helpers. Text goes in as text, never as markup.

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** A new element with properties, attributes (data-…, aria-…, role) and children. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role") node.setAttribute(key, value);
    else node[key] = value;
  }
  node.append(...children);
  return node;
}

/** Sets text only when it changes: most of what arrives ten times a second does not. */
export function setText(node, text) {
  const wanted = String(text);
  if (node.textContent !== wanted) node.textContent = wanted;
}

export function setAttribute(node, name, value) {
  const wanted = String(value);
  if (node.getAttribute(name) !== wanted) node.setAttribute(name, wanted);
}

/** "driver_window" as people write it. */
export const words = (name) => name.replaceAll("_", " ");

export const number = (value, fallback = 0) => (typeof value === "number" ? value : fallback);

export const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString("en-GB");

const LONGEST = 240; // a list of all there is helps in a terminal, not in a corner of a page
let hide = 0;

/** Tells the tester in one sentence what did not work. */
export function complain(sentence) {
  const toast = byId("toast");
  toast.textContent = sentence.length > LONGEST ? sentence.replace(/; there are:.*/s, "") : sentence;
  toast.hidden = false;
  clearTimeout(hide);
  hide = setTimeout(() => { toast.hidden = true; }, 6000);
}
