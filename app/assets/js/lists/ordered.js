// A list that is reordered by buttons, by dragging, or by the arrow keys where its items take the focus; the form submits the items in their order.
// Items with fields are moved by their grip (`[data-grip]`). «ordered:moved» tells other modules.

let dragged = null;

function move(line, step) {
  const beside = step < 0 ? line.previousElementSibling : line.nextElementSibling;
  if (!beside) return;
  step < 0 ? beside.before(line) : beside.after(line);
  tell(line);
}

const tell = (line) => line.dispatchEvent(new CustomEvent("ordered:moved", { bubbles: true }));

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
  if (line) line.draggable = line.querySelector("[data-grip]") ? Boolean(target.closest("[data-grip]")) : !target.closest("button, input");
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

function onKey(event) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || !event.target.matches?.("[data-ordered] > li[tabindex], [data-ordered] > li [data-grip]")) return;
  event.preventDefault();
  move(event.target.closest("li"), step);
  // A moved element loses the focus.
  event.target.focus();
}

export function startOrdered() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  document.addEventListener("pointerdown", onPress);
  document.addEventListener("dragstart", onDragStart);
  document.addEventListener("dragover", onDragOver);
  document.addEventListener("dragend", () => {
    if (dragged) tell(dragged);
    dragged = null;
  });
}
