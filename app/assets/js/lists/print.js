// Printing: the print button, the print page of a list, and the time of printing in the head of a page.

const MOMENT = { dateStyle: "long", timeStyle: "short", timeZone: "Asia/Tehran" };

function stamp() {
  const words = new Intl.DateTimeFormat("fa-IR-u-ca-persian", MOMENT).format(new Date());
  for (const place of document.querySelectorAll("[data-print-time]")) place.textContent = words;
}

export function startPrint() {
  addEventListener("beforeprint", stamp);
  document.addEventListener("click", ({ target }) => target.closest("[data-print]") && print());
  if (document.querySelector("[data-print-now]")) document.fonts.ready.then(() => print());
}
