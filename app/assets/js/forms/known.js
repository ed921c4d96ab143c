// The row that a field found while it was typed: the answer in `.field-known` fills other fields of the form that are empty. Another answer takes back
// what was filled and not changed since.

const filled = new WeakMap(); // input → the value that was filled in

function takeBack(form) {
  for (const input of form.elements) {
    if (filled.has(input) && input.value === filled.get(input)) input.value = "";
    filled.delete(input);
  }
}

function onSwapped({ detail: { ctx } }) {
  const place = ctx.target;
  const form = place?.matches?.(".field-known") && place.closest("form");
  if (!form) return;
  takeBack(form);
  const values = JSON.parse(place.querySelector("[data-fill]")?.dataset.fill ?? "{}");
  for (const [name, value] of Object.entries(values)) {
    const input = form.elements[name];
    if (!input || input.value || !value) continue;
    input.value = value;
    filled.set(input, value);
  }
}

export function startKnown() {
  document.addEventListener("htmx:after:swap", onSwapped);
}
