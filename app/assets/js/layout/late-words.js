// Persian texts of modules that are loaded after the page; the others are in words.js.
export const lateWords = {
  away: "ارتباط با سامانه قطع است؛ همین‌که برگردد، این صفحه خودش ادامه می‌دهد.",
  sending: "در حال فرستادن …",
  sent: (share) => `${share}٪ فرستاده شد`,
  checking: "فرستاده شد؛ در حال بررسی …",
  stopSending: "لغو فرستادن",
  notSent: "فرستاده نشد.",
  again: "دوباره؟",
};
