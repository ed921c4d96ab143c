// Runs in the head, before the first paint: puts the chosen theme and the folded sidebar on <html>.
// A classic script in a block of its own, so that nothing leaks into the page.
{
  const stored = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // A browser that forbids storage still gets a page.
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
