// Where the focus goes: into a dialog on its first field, never on its close button; back to the page, never to <body>.

const FIELDS = ".overlay-body :is(input:not([type=hidden], [type=file]), select, textarea, li[tabindex]):not(:disabled)";
const OTHERS = "[data-main-submit], .overlay-body :is(a[href], button, summary), .overlay-foot button";

const shown = (element) => element.checkVisibility({ visibilityProperty: true });

/** The field that a dialog begins with: a wrong one, the one that asks for it, the first, or what can be pressed. */
function firstOf(dialog) {
  const asked = dialog.querySelector("[aria-invalid=true]:not([hidden], .tomselected), [autofocus]") ?? dialog.querySelector("[data-first]");
  if (asked) return asked;
  const field = [...dialog.querySelectorAll(FIELDS)].find(shown);
  const chosen = field?.type === "radio" && field.form?.querySelector(`[name="${field.name}"]:checked`);
  return chosen || field || [...dialog.querySelectorAll(OTHERS)].find(shown);
}

export function focusFirst(dialog) {
  (firstOf(dialog) ?? dialog).focus();
}

/** Puts the focus on the main part of the page where an act has removed the element that had it. */
export function keepFocus() {
  if (document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
}
