// A confirmation dialog in Persian; the browser's own dialog uses the language of the browser.

import { make } from "./dom.js";
import { words } from "./words.js";

/** Opens the dialog; resolves to true only when the confirming button is pressed. */
export function ask(question, { label = words.goOn, danger = false } = {}) {
  return new Promise((resolve) => {
    const close = (answer) => () => dialog.close(answer);
    const yes = make("button", { type: "button", class: `btn ${danger ? "btn-danger" : "btn-primary"}`, onclick: close("yes") }, label);
    const no = make("button", { type: "button", class: "btn", onclick: close("no") }, words.cancel);
    const dialog = make(
      "dialog",
      { class: "overlay dialog-box dialog-box-small", "aria-labelledby": "question" },
      make("div", { class: "overlay-head" }, make("p", { class: "overlay-head-words question", id: "question" }, question)),
      make("div", { class: "overlay-foot" }, yes, no),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
    yes.focus();
  });
}
