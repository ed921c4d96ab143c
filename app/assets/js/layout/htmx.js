// htmx 4.0.1, pinned; one place imports it.
import htmx from "htmx.org";

export default htmx;
