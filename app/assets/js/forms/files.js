// File inputs with drag and drop (`[data-drop]`): lists the chosen files in Persian; each can be removed. Loaded with the first of them.

import { icon, make } from "../layout/dom.js";
import { persian } from "./digits.js";
import { words } from "../layout/words.js";

const size = (bytes) =>
  persian(bytes < 2 ** 20 ? words.kilobytes(Math.max(1, Math.round(bytes / 1024))) : words.megabytes((bytes / 2 ** 20).toFixed(1).replace(".", "٫")));

function replaceFiles(input, files) {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function draw(zone) {
  const input = zone.querySelector("input[type=file]");
  const files = [...input.files];
  const lines = files.map((file, at) => {
    const remove = () => {
      replaceFiles(input, files.filter((_, other) => other !== at));
      input.focus();
    };
    return make(
      "li",
      { class: "drop-file" },
      icon("paperclip"),
      make("bdi", { class: "truncate" }, file.name),
      make("span", { class: "muted small-text" }, size(file.size)),
      make("button", { type: "button", class: "btn btn-quiet btn-square btn-small", "aria-label": words.removeFile(file.name), onclick: remove }, icon("x")),
    );
  });
  zone.querySelector(".drop-files").replaceChildren(...lines);
}

function onDrag(event) {
  const zone = event.target.closest?.("[data-drop]");
  if (!zone) return;
  event.preventDefault();
  zone.classList.toggle("is-over", event.type === "dragover");
  if (event.type !== "drop" || !event.dataTransfer.files.length) return;
  const input = zone.querySelector("input[type=file]");
  replaceFiles(input, input.multiple ? [...input.files, ...event.dataTransfer.files] : [event.dataTransfer.files[0]]);
}

for (const name of ["dragover", "dragleave", "drop"]) document.addEventListener(name, onDrag);
document.addEventListener("change", ({ target }) => {
  const zone = target.matches?.("input[type=file]") && target.closest("[data-drop]");
  if (zone) draw(zone);
});
// Files may have been chosen before this module was there.
for (const zone of document.querySelectorAll("[data-drop]")) draw(zone);
