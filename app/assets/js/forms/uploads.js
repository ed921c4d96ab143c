// Sends files and shows how much of them has arrived, which `fetch` does not tell. Loaded with the first large file.

import { make } from "../layout/dom.js";
import { lateWords } from "../layout/late-words.js";
import { persian } from "./digits.js";

const SLOW = 400; // Milliseconds after which the progress is shown.

function headersOf(request) {
  const lines = request.getAllResponseHeaders().split("\r\n").filter(Boolean);
  return new Headers(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]));
}

function responseOf(request, url) {
  const { status, responseText, responseURL } = request;
  const answer = new Response(status === 204 ? null : responseText, { status, headers: headersOf(request) });
  const redirected = responseURL !== new URL(url, location.href).href;
  return Object.defineProperties(answer, { url: { value: responseURL }, redirected: { value: redirected } });
}

/** Like `fetch`; *onShare* gets the share that has arrived, from 0 to 1. */
export function sendAll(url, { method, headers, body, signal }, onShare) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onShare(loaded / total);
    request.upload.onload = () => onShare(1);
    request.onload = () => resolve(responseOf(request, url));
    request.onerror = () => reject(new TypeError("The server did not answer"));
    request.onabort = () => reject(new DOMException("The request was ended", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

/** «۴۵٪ فرستاده شد»; the server still reads what has arrived. */
export const wordsOf = (share) => (share < 1 ? persian(lateWords.sent(Math.floor(share * 100))) : lateWords.checking);

/** Like `fetch`, with a line at the end of *form* that shows the progress and can end it. */
export async function sendShown(form, url, request) {
  const ending = new AbortController();
  const bar = make("progress", { max: 1, "aria-label": lateWords.sending });
  const text = make("span", { class: "muted small-text" });
  const cancel = make("button", { type: "button", class: "btn btn-quiet btn-small", onclick: () => ending.abort() }, lateWords.stopSending);
  const line = make("div", { class: "upload-line" }, make("div", { class: "progress-track" }, bar), text, cancel);
  const show = (share) => {
    bar.value = share;
    text.textContent = wordsOf(share);
    // What has arrived is not taken back.
    cancel.hidden = share === 1;
  };
  show(0);
  request.signal?.addEventListener("abort", () => ending.abort());
  const timer = setTimeout(() => form.append(line), SLOW);
  try {
    return await sendAll(url, { ...request, signal: ending.signal }, show);
  } finally {
    clearTimeout(timer);
    line.remove();
  }
}
