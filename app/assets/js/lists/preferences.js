// Preferences of this browser: theme and folded sidebar. theme.js applies both on the next page.

function store(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is not available: the choice lasts until the next page.
  }
}

function chosenTheme() {
  try {
    return localStorage.getItem("theme") ?? "auto";
  } catch {
    return "auto";
  }
}

/** Whether the side bar shows icons alone. */
export function isIconsOnly() {
  return document.documentElement.dataset.sidebar === "icons";
}

function markTheme() {
  for (const button of document.querySelectorAll("[data-theme]")) {
    button.setAttribute("aria-checked", String(button.dataset.theme === chosenTheme()));
  }
}

export function startPreferences() {
  markTheme();
  document.addEventListener("click", (event) => {
    const theme = event.target.closest("[data-theme]");
    if (theme) {
      store("theme", theme.dataset.theme);
      dispatchEvent(new Event("theme:changed"));
      markTheme();
    }
    if (event.target.closest("[data-fold-sidebar]")) {
      const folded = !isIconsOnly();
      if (folded) document.documentElement.dataset.sidebar = "icons";
      else delete document.documentElement.dataset.sidebar;
      store("sidebar", folded ? "icons" : "wide");
    }
  });
}
