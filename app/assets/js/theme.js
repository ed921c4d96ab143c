// Runs in the head, before the first paint: sets the chosen theme and the folded sidebar on <html>.
// A classic script inside a block, so that it defines no globals.
{
  const stored = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // Storage is not available.
    }
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const paint = () => {
    const chosen = stored("theme") ?? "auto";
    root.dataset.bsTheme = chosen === "dark" || (chosen === "auto" && dark.matches) ? "dark" : "light";
  };
  paint();
  dark.addEventListener("change", paint);
  addEventListener("theme:changed", paint);
  if (stored("sidebar") === "icons") root.dataset.sidebar = "icons";
}
