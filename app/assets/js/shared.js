// What the page and the parts that are loaded later share. All of them import this module, so that esbuild puts it into
// one file: by themselves they share different modules, and the first load would ask for a file of each combination.

import "./forms/drafts.js";
import "./forms/forms.js";
import "./forms/sending.js";
import "./layout/fold.js";
import "./layout/overlays.js";
import "./layout/toasts.js";
import "./lists/rows.js";
