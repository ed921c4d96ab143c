// Persian texts compared as the search of the server compares them.

import { latin } from "../forms/digits.js";

const ALIKE = { ي: "ی", ى: "ی", ئ: "ی", ك: "ک", ة: "ه", ۀ: "ه", أ: "ا", إ: "ا", آ: "ا", ؤ: "و" };

/** Folds a text for comparison: equivalent letters become one; joiners, marks and spaces are removed. */
export function fold(text) {
  const plain = latin(text).normalize("NFC").toLowerCase();
  return plain.replace(/[يىئكةۀأإآؤ]/g, (letter) => ALIKE[letter]).replace(/[\s\u064b-\u065f\u0670\u200c-\u200f\u0640ء]/g, "");
}
