// htmx 4.0.1, pinned; all other modules import it from here.
import "./htmx-config.js";
import htmx from "htmx.org";

export default htmx;
