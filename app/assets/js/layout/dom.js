// DOM helpers that several modules share.

/** Makes an element: attributes by name, `on…` listeners, children as nodes or text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** An icon, whose shape the style sheet has. */
export const icon = (name) => make("i", { class: `i-${name}` });

/** Whether a key press goes to a text input. */
export function isTyping(target) {
  return Boolean(target.closest("input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable=true]"));
}

/** The topmost open dialog, if any. */
export function topDialog() {
  return [...document.querySelectorAll("dialog[open]")].at(-1) ?? null;
}

/** The topmost modal dialog, if any: the rest of the page is inert. The side panel beside a list is not modal. */
export function modalDialog() {
  return [...document.querySelectorAll("dialog:modal")].at(-1) ?? null;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether the server may be reached: a computer without any network still reaches a panel that it serves itself. */
export const isOnline = () => navigator.onLine || LOOPBACK.test(location.hostname);

/** Resolves as soon as the browser is online: one that asks for a module without a connection remembers its failure, and never asks again. */
export const whenOnline = () => (isOnline() ? Promise.resolve() : new Promise((resolve) => addEventListener("online", resolve, { once: true })));
