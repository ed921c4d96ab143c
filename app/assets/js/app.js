// The entry module of every page. All listeners are on the document, so that content loaded later works as well.

import { startDigits } from "./forms/digits.js";
import { startFiles } from "./forms/files.js";
import { startForms } from "./forms/forms.js";
import { startInline } from "./lists/inline.js";
import { startInsert } from "./forms/insert.js";
import { startLazy } from "./layout/lazy.js";
import { startLive } from "./lists/live.js";
import { startMenus } from "./layout/menus.js";
import { startOrdered } from "./lists/ordered.js";
import { startOverlays } from "./layout/overlays.js";
import { startPreferences } from "./lists/preferences.js";
import { startPrint } from "./lists/print.js";
import { startRequests } from "./layout/requests.js";
import { startRows } from "./lists/rows.js";
import { startSelection } from "./lists/selection.js";
import { startShortcuts } from "./layout/shortcuts.js";
import { startTabs } from "./layout/tabs.js";
import { startToasts } from "./layout/toasts.js";

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
