// The entry module of every page. All listeners are on the document, so that content loaded later works as well.

import { startDigits } from "./digits.js";
import { startFiles } from "./files.js";
import { startForms } from "./forms.js";
import { startInline } from "./inline.js";
import { startInsert } from "./insert.js";
import { startLazy } from "./lazy.js";
import { startLive } from "./live.js";
import { startMenus } from "./menus.js";
import { startOrdered } from "./ordered.js";
import { startOverlays } from "./overlays.js";
import { startPreferences } from "./preferences.js";
import { startPrint } from "./print.js";
import { startRequests } from "./requests.js";
import { startRows } from "./rows.js";
import { startSelection } from "./selection.js";
import { startShortcuts } from "./shortcuts.js";
import { startTabs } from "./tabs.js";
import { startToasts } from "./toasts.js";

startRequests();
startToasts();
startOverlays();
startMenus();
startOrdered();
startForms();
startFiles();
startDigits();
startSelection();
startRows();
startShortcuts();
startPreferences();
startPrint();
startInline();
startInsert();
startLazy();
startLive();
startTabs();
