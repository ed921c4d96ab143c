// Builds all files that the browser loads into ../static/dist: style sheet, modules, fonts, icons, manifest.json.
// Run by `make setup` through `npm run build`; the output is never committed.

import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import * as esbuild from "esbuild";
import { PurgeCSS } from "purgecss";

const here = import.meta.dirname;
const root = path.resolve(here, "../..");
const out = path.resolve(here, "../static/dist");
const icons = path.join(here, "node_modules/@tabler/icons/icons/outline");

// Icons of scripts. Icons of templates and sections are found in their source.
const iconsOfScripts = ["calendar", "check", "circle-x", "device-desktop", "keyboard", "moon", "search", "sun", "history", "info-circle", "alert-triangle", "loader-2", "paperclip", "point", "x"];

function filesUnder(folder, extension) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(extension))
    .map((name) => path.join(folder, name))
    .sort();
}

const templates = filesUnder(path.join(root, "app/templates"), ".html");
const scripts = filesUnder(path.join(here, "js"), ".js");
const python = [...filesUnder(path.join(root, "views"), ".py"), ...filesUnder(path.join(root, "app/panel"), ".py"), ...filesUnder(path.join(root, "app/console"), ".py")];

/** Tabler's style sheet without the rules that neither templates nor scripts use. */
const tablerWithoutTheUnused = {
  name: "tabler-without-the-unused",
  setup(build) {
    build.onLoad({ filter: /tabler\.rtl\.css$/ }, async ({ path: file }) => {
      const [{ css }] = await new PurgeCSS().purge({
        css: [file],
        content: [...templates, ...scripts],
        safelist: { standard: ["icon", "show", "active", "disabled", "is-invalid", /^alert-/, /^data-bs-theme/] },
        variables: true,
        keyframes: true,
      });
      // Our icons have the class «i-<name>» instead of «icon», and the ticks of rows a short class.
      const ours = css.replace(/\.icon(?![\w-])/g, '[class^="i-"]').replace(/\.form-check-input(?![\w-])/g, ":is(.form-check-input, .tick)");
      return { contents: ours, loader: "css" };
    });
  },
};

/** The names of the icons that a template, a section or a script uses. */
function usedIcons() {
  const named = new Set(iconsOfScripts);
  for (const file of [...templates, ...python]) {
    for (const [, name] of fs.readFileSync(file, "utf8").matchAll(/["']([a-z][a-z0-9-]+)["']/g)) {
      if (fs.existsSync(path.join(icons, `${name}.svg`))) named.add(name);
    }
  }
  return [...named].sort();
}

/** A rule with the shape of an icon, drawn in the colour of the text around it. */
function iconRule(name) {
  const shapes = fs
    .readFileSync(path.join(icons, `${name}.svg`), "utf8")
    .replace(/<!--[\s\S]*?-->|<\/?svg[^>]*>|<path stroke="none"[^>]*>/g, "")
    .replace(/\n\s*/g, "")
    .replaceAll('"', "'")
    .replaceAll(" />", "/>");
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%23000' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'>${shapes}</svg>`;
  return `.i-${name}{--i:url("data:image/svg+xml,${svg}")}`;
}

/** The style sheet of all used icons, which `app.css` imports: the HTML of an icon is its name alone. */
const iconNames = usedIcons();
const iconRules = {
  name: "icon-rules",
  setup(build) {
    build.onResolve({ filter: /^used-icons$/ }, () => ({ path: "used-icons", namespace: "icons" }));
    build.onLoad({ filter: /.*/, namespace: "icons" }, () => ({ contents: iconNames.map(iconRule).join("\n"), loader: "css" }));
  },
};

/** Writes *content* to a file whose name contains its hash; returns the name. */
function writeHashed(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
  const { name: stem, ext } = path.parse(name);
  const hashed = `${stem}-${hash}${ext}`;
  fs.writeFileSync(path.join(out, hashed), content);
  return hashed;
}

/** Writes a compressed copy of each text file, so that the server does not compress at run time. */
function compress() {
  for (const file of filesUnder(out, "").filter((name) => /\.(css|js|svg|txt)$/.test(name))) {
    const content = fs.readFileSync(file);
    fs.writeFileSync(`${file}.br`, zlib.brotliCompressSync(content, { params: { [zlib.constants.BROTLI_PARAM_MODE]: zlib.constants.BROTLI_MODE_TEXT, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: content.length } }));
    fs.writeFileSync(`${file}.gz`, zlib.gzipSync(content, { level: 9 }));
  }
}

fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(out, { recursive: true });

const { metafile } = await esbuild.build({
  absWorkingDir: here,
  entryPoints: ["css/app.css", "css/board.css", "css/children.css", "css/console.css", "css/dashboard.css", "css/first-day.css", "css/merge.css", "css/messages.css", "css/pdf.css", "css/report.css", "css/rights.css", "css/sale.css", "css/ticket.css", "css/today.css", "js/app.js", "js/theme.js"],
  outdir: out,
  bundle: true,
  minify: true,
  splitting: true,
  format: "esm",
  target: ["es2022", "chrome109", "firefox115", "safari16"],
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  // Short, because each page names two fonts.
  assetNames: "font-[hash]",
  loader: { ".woff2": "file", ".svg": "dataurl" },
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
  plugins: [tablerWithoutTheUnused, iconRules],
});

const manifest = {};
for (const [file, { entryPoint, inputs }] of Object.entries(metafile.outputs)) {
  const name = path.basename(file);
  if (entryPoint) manifest[path.basename(entryPoint)] = name;
  else if (name.endsWith(".woff2")) manifest[path.basename(Object.keys(inputs)[0])] = name;
}
for (const file of filesUnder(path.join(here, "img"), ".svg")) {
  manifest[path.basename(file)] = writeHashed(path.basename(file), fs.readFileSync(file));
}
compress();
// A server without the package still knows which icons a section can name.
const packaged = filesUnder(icons, ".svg").map((file) => path.basename(file, ".svg"));
fs.writeFileSync(path.join(out, "icon-names.txt"), packaged.join("\n"));
// Written last: the manifest marks a complete build.
fs.writeFileSync(path.join(out, "manifest.json"), JSON.stringify({ files: manifest, icons: iconNames }, null, 1));
