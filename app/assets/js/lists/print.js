// Printing: the print button, the print page of a list, and the time of printing in the head of a page.

import { make } from "../layout/dom.js";

const MOMENT = { dateStyle: "long", timeStyle: "short", timeZone: "Asia/Tehran" };

/** The head that a page has on paper alone: the organisation, or the product, and who prints when. */
function printHead() {
  const text = (selector) => document.querySelector(selector)?.textContent ?? "";
  const who = text(".user-button-words > span");
  const main = document.getElementById("main");
  if (!who || !main || main.querySelector(".print-head")) return;
  const organization = text(".brand small") || text(".brand strong");
  main.prepend(make("div", { class: "print-head", "aria-hidden": "true" }, make("span", {}, organization), make("span", {}, `${who} · `, make("span", { "data-print-time": true }))));
}

function stamp() {
  printHead();
  const words = new Intl.DateTimeFormat("fa-IR-u-ca-persian", MOMENT).format(new Date());
  for (const place of document.querySelectorAll("[data-print-time]")) place.textContent = words;
}

export function startPrint() {
  addEventListener("beforeprint", stamp);
  document.addEventListener("click", ({ target }) => target.closest("[data-print]") && print());
  if (document.querySelector("[data-print-now]")) document.fonts.ready.then(() => print());
}
