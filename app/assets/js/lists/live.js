// Reloads a list whose rows change by themselves ([data-live]) while the page is visible and the user does nothing else.

import { topDialog } from "../layout/dom.js";
import { reloadList } from "../layout/overlays.js";

const PAUSE = 15_000;

const isBusy = () => document.hidden || topDialog() || document.querySelector("[data-tick]:checked, .menu:not([hidden])") || document.activeElement?.id === "search";

export function startLive() {
  if (document.querySelector("[data-live]")) setInterval(() => isBusy() || reloadList(), PAUSE);
}
