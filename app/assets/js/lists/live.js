// A list whose rows change by themselves ([data-live] on the page) is asked for again while somebody looks at it and does nothing else.

import { topDialog } from "../layout/dom.js";
import { reloadList } from "../layout/overlays.js";

const PAUSE = 15_000;

const isBusy = () => document.hidden || topDialog() || document.querySelector("[data-tick]:checked, .menu:not([hidden])") || document.activeElement?.id === "search";

export function startLive() {
  if (document.querySelector("[data-live]")) setInterval(() => isBusy() || reloadList(), PAUSE);
}
