// Relation fields: <select data-url="…"> becomes a Tom Select that requests the address with ?q=….
// The response is [{"value", "text"}].

import "../shared.js";
import TomSelect from "tom-select/base";
import clearButton from "tom-select/dist/esm/plugins/clear_button/plugin.js";
import { focusFirstError } from "./forms.js";
import { tellFailed } from "../layout/requests.js";
import { words } from "../layout/words.js";

TomSelect.define("clear_button", clearButton);

const note = (sentence) => () => `<div class="relation-note">${sentence}</div>`;

async function find(url, query) {
  const address = new URL(url, location.href);
  address.searchParams.set("q", query);
  const response = await fetch(address, { headers: { Accept: "application/json" } });
  // «Nothing found» would be wrong.
  if (response.status === 429) tellFailed(response);
  return response.ok ? response.json() : [];
}

function start(select) {
  // A morph may have taken the select out of its search.
  select.tomselect = null;
  const choice = new TomSelect(select, {
    plugins: { clear_button: { title: words.removeChoice } },
    searchField: [], // The server does the matching: it folds Persian letters.
    maxOptions: 50,
    preload: "focus",
    load(query, done) {
      this.clearOptions();
      find(select.dataset.url, query).then(done, () => done());
    },
    render: { no_results: note(words.noMatch), loading: note("…") },
  });
  // A search that waits for the end of typing would open again, and take the focus from the field that the user has gone on to.
  const stop = () => {
    clearTimeout(choice.refreshTimeout);
    choice.lastValue = "";
  };
  choice.on("item_add", stop);
  choice.on("blur", stop);
  if (select.closest("#filter-popover")) choice.focus();
  // The input that replaces the hidden <select> needs its descriptions.
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (select.hasAttribute(name)) choice.control_input.setAttribute(name, select.getAttribute(name));
  }
}

export function startRelations(root) {
  for (const select of root.querySelectorAll("select[data-url]:not(.tomselected)")) start(select);
  if (document.activeElement === document.body) focusFirstError();
}
