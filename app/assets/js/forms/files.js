// File inputs with drag and drop (`[data-drop]`): lists the chosen files in Persian; each can be removed. Large files are sent with their progress.

import { icon, make } from "../layout/dom.js";
import { persian } from "./digits.js";
import { words } from "../layout/words.js";

const size = (bytes) =>
  persian(bytes < 2 ** 20 ? words.kilobytes(Math.max(1, Math.round(bytes / 1024))) : words.megabytes((bytes / 2 ** 20).toFixed(1).replace(".", "٫")));

const LARGE = 2 ** 18; // Bytes; what is smaller arrives at once.

export const isLarge = (body) => body instanceof FormData && [...body.values()].reduce((bytes, each) => bytes + (each.size ?? 0), 0) >= LARGE;

/** `fetch` for a form, which shows the progress of large files. */
export const fetchFor = (form) => async (url, request) => {
  if (!isLarge(request.body)) return fetch(url, request);
  return (await import("./uploads.js")).sendShown(form, url, request);
};

/** Files take their time: the limit of other requests would end them. */
function onRequest({ detail: { ctx } }) {
  const form = ctx.sourceElement.closest?.("form");
  if (!form || !isLarge(ctx.request.body)) return;
  ctx.request.timeout = 0;
  ctx.fetch = fetchFor(form);
}

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

export function startFiles() {
  document.addEventListener("htmx:config:request", onRequest);
  for (const name of ["dragover", "dragleave", "drop"]) document.addEventListener(name, onDrag);
  document.addEventListener("change", ({ target }) => {
    const zone = target.matches?.("input[type=file]") && target.closest("[data-drop]");
    if (zone) draw(zone);
  });
}
