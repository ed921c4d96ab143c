// Buttons that insert text at the cursor: [data-insert] is the text, [data-insert-into] names the field.

const last = new Map();

export function startInsert() {
  document.addEventListener("selectionchange", () => {
    const field = document.activeElement;
    if (field?.matches?.("textarea, input") && field.selectionStart !== null) last.set(field.id, [field.selectionStart, field.selectionEnd]);
  });
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-insert]");
    const field = button && document.getElementById(button.dataset.insertInto);
    if (!field) return;
    const [from, to] = last.get(field.id) ?? [field.value.length, field.value.length];
    field.setRangeText(button.dataset.insert, from, to, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
