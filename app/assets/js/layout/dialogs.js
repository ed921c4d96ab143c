// Dialogs that only scripts open, so that no page carries their HTML.

import { icon, make } from "./dom.js";
import { words } from "./words.js";

const closer = () => make("button", { class: "btn btn-quiet btn-square", type: "button", "data-close": true, "aria-label": words.close, title: words.closeByKey }, icon("x"));

/** The empty dialogs into which content is loaded, and the drawer of phones, which navigation.js fills. */
export function makeOverlays() {
  document.body.append(
    make("dialog", { class: "overlay drawer", id: "drawer", "aria-label": words.menu }),
    make("dialog", { class: "overlay side-panel", id: "panel", "aria-labelledby": "panel-title" }),
    make("dialog", { class: "overlay dialog-box", id: "dialog", "aria-labelledby": "dialog-title" }),
  );
}

/** The palette, which palette.js fills. */
export function paletteDialog() {
  return (
    document.getElementById("palette") ??
    document.body.appendChild(
      make(
        "dialog",
        { class: "overlay palette", id: "palette", "aria-label": words.palette },
        make(
          "div",
          { class: "palette-head" },
          icon("search"),
          make("input", {
            class: "form-control",
            type: "text",
            role: "combobox",
            "aria-expanded": "true",
            "aria-controls": "palette-list",
            "aria-autocomplete": "list",
            "aria-label": words.paletteField,
            placeholder: `${words.paletteField} …`,
            autocomplete: "off",
            spellcheck: "false",
            maxlength: "100",
          }),
          closer(),
        ),
        make("div", { class: "palette-list", id: "palette-list", role: "listbox", "aria-label": words.paletteFound }),
        make("p", { class: "visually-hidden", role: "status" }),
      ),
    )
  );
}

/** The help of the keys: *keys* are pairs of a key and what it does. */
export function helpDialog(keys) {
  return (
    document.getElementById("help") ??
    document.body.appendChild(
      make(
        "dialog",
        { class: "overlay dialog-box dialog-box-small", id: "help", "aria-labelledby": "help-title" },
        make("div", { class: "overlay-head" }, make("h2", { class: "overlay-head-words", id: "help-title" }, words.keys), closer()),
        make("div", { class: "overlay-body" }, make("dl", { class: "keys" }, ...keys.flatMap(([key, meaning]) => [make("dt", {}, make("kbd", { class: "ltr" }, key)), make("dd", {}, meaning)]))),
      ),
    )
  );
}
