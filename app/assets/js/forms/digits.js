// Persian digits for output; Persian, Arabic and Latin digits as input.

const PERSIAN = "۰۱۲۳۴۵۶۷۸۹";

export function persian(text) {
  return String(text).replace(/[0-9]/g, (digit) => PERSIAN[digit]);
}

export function latin(text) {
  return text
    .replace(/[۰-۹]/g, (digit) => digit.charCodeAt(0) - 0x06f0)
    .replace(/[٠-٩]/g, (digit) => digit.charCodeAt(0) - 0x0660);
}

/** A whole number with separators («۱٬۲۵۰٬۰۰۰»); other text is returned unchanged. */
export function grouped(text) {
  const digits = latin(text).replace(/[\s,٬]/g, "");
  return /^\d{1,15}$/.test(digits) ? persian(digits.replace(/\B(?=(\d{3})+$)/g, "٬")) : text;
}

export function startDigits() {
  document.addEventListener("change", ({ target }) => {
    if (target.dataset?.digits === "grouped") target.value = grouped(target.value);
    else if (target.dataset?.digits === "persian") target.value = persian(target.value);
  });
}
