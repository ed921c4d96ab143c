// A button with `data-copy="<text>"` copies its text and says so in a toast.

import { toast } from "./toasts.js";

async function onClick({ target }) {
  const button = target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  toast({ text: button.dataset.copied });
}

export function startCopy() {
  document.addEventListener("click", onClick);
}
