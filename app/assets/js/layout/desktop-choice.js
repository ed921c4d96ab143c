// Whether this browser shows notifications: the choice of the member here, and the permission of the browser. Off until they switch it on in their account.

const member = () => document.querySelector("meta[name=member]")?.content;
const key = (name) => `desktop-${name}:${member()}`;

/** A value of this browser and this member; null where the browser stores nothing. */
export function stored(name) {
  try {
    return localStorage.getItem(key(name));
  } catch {
    return null;
  }
}

export function store(name, value) {
  try {
    localStorage.setItem(key(name), value);
  } catch {
    // The choice then lasts as long as the page.
  }
}

export const isDesktopOn = () => globalThis.Notification?.permission === "granted" && stored("on") === "1";

/** Hidden pages of the same browser show nothing while another page is in view. */
export const noteVisible = () => isDesktopOn() && store("seen", String(Date.now()));
