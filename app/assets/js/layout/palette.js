// The palette (Ctrl-K) finds sections, actions and rows by a few letters. The entries of the page are read from the page, without a request;
// the server is asked for the sections where a row can be added and for matching rows. Loaded when the palette is first opened.

import "../shared.js";
import { icon, isOnline, make } from "./dom.js";
import { persian } from "../forms/digits.js";
import { words } from "./words.js";
import { fold } from "./fold.js";

const PAUSE = 150;
const SHORTEST = 2;
const MOST_RECENT = 3;
const RECENT = "palette";

const dialog = document.getElementById("palette");
const input = dialog.querySelector("input");
const list = dialog.querySelector("[role=listbox]");
const status = dialog.querySelector("[role=status]");

let additions = null;
let timer = 0;
let asking = null;
let number = 0;

function choice(element, sign, prefix = "") {
  const label = (element.matches(".nav-entry") ? element.querySelector("span") : element).textContent.trim() || element.title;
  return { label: prefix + label, hint: "", icon: sign, element, url: element.matches("a[href]") ? element.getAttribute("href") : null };
}

const signOf = (element) => element.querySelector('[class^="i-"]')?.classList[0].slice(2) ?? "point";
const readAll = (selector, prefix) => [...document.querySelectorAll(selector)].map((element) => choice(element, signOf(element), prefix));

/** The entries of the page: its buttons, the sections of the menu, the account menu. */
function local() {
  return [
    { label: words.palettePage, choices: readAll(".page-actions > :is(a, button), .list-tools > a[data-dialog]:not([hidden])") },
    { label: words.paletteSections, choices: readAll(".sidebar .nav-entry") },
    {
      label: words.paletteAccount,
      choices: [
        ...readAll("#user-menu > .menu-item, #user-menu form .menu-item"),
        ...readAll("#user-menu [data-theme]", words.paletteTheme),
        ...readAll(".presence[role=switch]", words.palettePresence),
      ],
    },
  ];
}

/** The entries whose label contains the text; those that begin with it come first. */
function matching(groups, text) {
  const wanted = fold(text);
  const begins = ({ label }) => fold(label).startsWith(wanted);
  return groups
    .map(({ label, choices }) => {
      const found = choices.filter((each) => fold(each.label).includes(wanted));
      return { label, choices: found.sort((a, b) => begins(b) - begins(a)) };
    })
    .filter(({ choices }) => choices.length)
    .sort((a, b) => b.choices.some(begins) - a.choices.some(begins));
}

function recent() {
  try {
    return JSON.parse(localStorage.getItem(RECENT)) ?? [];
  } catch {
    return [];
  }
}

/** Remembers the address of a section. Rows are not remembered: no name or number is stored in the browser. */
function remember(url) {
  if (!document.querySelector(`.sidebar .nav-entry[href="${CSS.escape(url)}"]`)) return;
  try {
    localStorage.setItem(RECENT, JSON.stringify([url, ...recent().filter((each) => each !== url)].slice(0, MOST_RECENT)));
  } catch {
    // Storage is not available: the sections are shown in their order.
  }
}

function groupsFor(text) {
  const groups = [...local(), ...(additions ?? [])];
  if (text) return matching(groups, text);
  const last = recent();
  const sections = groups[1].choices;
  const lately = last.map((url) => sections.find((each) => each.url === url)).filter(Boolean);
  return [{ label: words.paletteRecent, choices: lately }, ...groups].filter(({ choices }) => choices.length);
}

function option(each) {
  number += 1;
  const element = make(
    "div",
    { role: "option", id: `palette-${number}`, class: "palette-choice", "aria-selected": "false" },
    icon(each.icon),
    make("span", { class: "palette-label truncate" }, each.label),
    each.hint ? make("bdi", { class: "palette-hint", dir: "ltr" }, each.hint) : null,
  );
  element.choice = each;
  return element;
}

function group({ label, choices }, at) {
  const id = `palette-group-${at}-${(number += 1)}`;
  return make(
    "div",
    { role: "group", class: "palette-group", "aria-labelledby": id },
    make("p", { class: "palette-group-label", id }, label),
    ...choices.map(option),
  );
}

const options = () => [...list.querySelectorAll("[role=option]")];
const active = () => list.querySelector("[aria-selected=true]");

function mark(element) {
  active()?.setAttribute("aria-selected", "false");
  element?.setAttribute("aria-selected", "true");
  element?.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", element?.id ?? "");
}

function say(note, isWaiting = false) {
  list.querySelector(".palette-note")?.remove();
  if (isWaiting) list.append(make("div", { class: "palette-note overlay-waiting", "aria-hidden": "true" }, make("div", { class: "bone" }), make("div", { class: "bone" })));
  else if (note) list.append(make("p", { class: "palette-note muted", role: "presentation" }, note));
}

/** Shows the entries of the page, then those of the server; the marked option stays marked. */
function draw(found = null) {
  const marked = active()?.choice.label;
  const groups = [...groupsFor(input.value.trim()), ...(found ?? [])];
  list.replaceChildren(...groups.map(group));
  const all = options();
  mark(all.find((each) => each.choice.label === marked) ?? all[0]);
  const isWaiting = found === null && input.value.trim().length >= SHORTEST;
  say(all.length || isWaiting ? "" : words.paletteNothing, isWaiting);
  status.textContent = isWaiting ? "" : words.paletteCount(persian(all.length));
}

async function fetchJson(url) {
  asking?.abort();
  asking = new AbortController();
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: asking.signal });
  if (answer.status === 401) location.assign(`/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function search() {
  const text = input.value.trim();
  try {
    additions ??= await fetchJson("/palette/");
    draw(text.length < SHORTEST ? [] : await fetchJson(`/palette/rows?q=${encodeURIComponent(text)}`));
  } catch (error) {
    if (error.name === "AbortError") return;
    draw([]);
    say(isOnline() && error instanceof TypeError === false ? words.paletteFailed : words.offline);
  }
}

function onInput() {
  clearTimeout(timer);
  asking?.abort();
  draw(input.value.trim().length < SHORTEST && additions ? [] : null);
  timer = setTimeout(search, PAUSE);
}

function run(chosen, inNewTab) {
  if (!chosen) return;
  const { element, url } = chosen;
  if (url) remember(url);
  if (inNewTab && url) return void open(url, "_blank", "noopener");
  dialog.close();
  if (element) element.click();
  else location.assign(url);
}

function onKey(event) {
  const all = options();
  const at = all.indexOf(active());
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
  if (event.key === "Enter" && !event.isComposing) {
    event.preventDefault();
    run(active()?.choice, event.ctrlKey || event.metaKey);
  } else if (to !== undefined && all.length && !((event.key === "Home" || event.key === "End") && input.value)) {
    event.preventDefault();
    mark(all[to % all.length]);
  }
}

function onPress(event) {
  const pressed = event.target.closest("[role=option]");
  if (pressed) run(pressed.choice, event.ctrlKey || event.metaKey);
}

input.addEventListener("input", onInput);
input.addEventListener("keydown", onKey);
list.addEventListener("click", onPress);
list.addEventListener("pointermove", ({ target }) => {
  const under = target.closest("[role=option]");
  if (under && under !== active()) mark(under);
});

/** Called when the palette has been opened; its field may contain letters already. */
export function startPalette() {
  onInput();
}
