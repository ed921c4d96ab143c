// The upper part of the account menu: the name of the member, the themes, the help of the keys. The links below it are in the HTML.

import { icon, make } from "./dom.js";
import { words } from "./words.js";

const THEMES = [
  ["light", words.light, "sun"],
  ["dark", words.dark, "moon"],
  ["auto", words.automatic, "device-desktop"],
];

const line = () => make("hr", { class: "menu-line" });
const theme = ([name, label, sign]) => make("button", { type: "button", role: "menuitemradio", "aria-checked": "false", "data-theme": name }, icon(sign), label);

export function startAccount() {
  const menu = document.getElementById("user-menu");
  if (!menu) return;
  const [name, role] = [...document.querySelector(".user-button-words").children].map((each) => each.textContent);
  // requests.js keeps the fields of this name at the newest token.
  menu.querySelector("form").prepend(make("input", { type: "hidden", name: "csrf_token", value: document.querySelector("meta[name=csrf-token]").content }));
  menu.prepend(
    make("div", { class: "menu-head", role: "none" }, make("strong", {}, name), make("span", { class: "muted small-text" }, role)),
    line(),
    make("div", { class: "segmented", role: "group", "aria-label": words.theme }, ...THEMES.map(theme)),
    make("button", { class: "menu-item", type: "button", role: "menuitem", "data-help": true }, icon("keyboard"), words.keys),
  );
}
