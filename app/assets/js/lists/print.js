// Paper: the button, the page that is made for it, and the moment of printing on any page's head.

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
