// A list that is reordered by buttons or by dragging; the form submits the items in their order.

let dragged = null;

function move(line, step) {
  const beside = step < 0 ? line.previousElementSibling : line.nextElementSibling;
  if (beside) step < 0 ? beside.before(line) : beside.after(line);
}

function onClick({ target }) {
  const button = target.closest("[data-ordered] [data-move]");
  if (!button) return;
  const line = button.closest("li");
  move(line, Number(button.dataset.move));
  // At the end of the list the pressed button is hidden, so the other one gets the focus.
  const visible = getComputedStyle(button).visibility === "visible" ? button : line.querySelector(`[data-move="${-button.dataset.move}"]`);
  visible.focus();
}

function onPress({ target }) {
  const line = target.closest("[data-ordered] li");
  if (line) line.draggable = !target.closest("button, input");
}

function onDragStart({ target, dataTransfer }) {
  dragged = target.closest?.("[data-ordered] li") ?? null;
  if (dragged) dataTransfer.effectAllowed = "move";
}

function onDragOver(event) {
  const line = event.target.closest?.("[data-ordered] li");
  if (!dragged || !line || line.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  const box = line.getBoundingClientRect();
  event.clientY < box.top + box.height / 2 ? line.before(dragged) : line.after(dragged);
}

export function startOrdered() {
  document.addEventListener("click", onClick);
  document.addEventListener("pointerdown", onPress);
  document.addEventListener("dragstart", onDragStart);
  document.addEventListener("dragover", onDragOver);
  document.addEventListener("dragend", () => (dragged = null));
}
