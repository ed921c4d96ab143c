// Reloads a list whose rows change by themselves ([data-live]) while the page is visible and the user does nothing else, and
// any list that was opened on an earlier day, because its rows say «today» and «tomorrow».

import { topDialog } from "../layout/dom.js";
import { reloadList } from "../layout/overlays.js";

const PAUSE = 15_000;

const isBusy = () => document.hidden || topDialog() || document.querySelector("[name=rowid]:checked, .menu:not([hidden]), [data-dragging]") || document.activeElement?.id === "search";

const day = () => new Date().toLocaleDateString("en", { timeZone: "Asia/Tehran" });
let loaded = day();

function onReturn() {
  if (loaded === day() || isBusy() || !document.querySelector("#list")) return;
  loaded = day();
  reloadList();
}

export function startLive() {
  document.addEventListener("visibilitychange", onReturn);
  if (document.querySelector("[data-live]")) setInterval(() => isBusy() || reloadList(), PAUSE);
}
