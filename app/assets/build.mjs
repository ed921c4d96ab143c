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
const iconsOfScripts = ["calendar", "check", "circle-x", "info-circle", "alert-triangle", "loader-2", "paperclip", "point", "x"];

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
        safelist: { standard: ["show", "active", "disabled", "is-invalid", /^alert-/, /^data-bs-theme/] },
        variables: true,
        keyframes: true,
      });
      return { contents: css, loader: "css" };
    });
  },
};

/** One symbol for each icon that a template, a section or a script names. */
function sprite() {
  const named = new Set(iconsOfScripts);
  for (const file of [...templates, ...python]) {
    for (const [, name] of fs.readFileSync(file, "utf8").matchAll(/["']([a-z][a-z0-9-]+)["']/g)) {
      if (fs.existsSync(path.join(icons, `${name}.svg`))) named.add(name);
    }
  }
  const symbols = [...named].sort().map((name) => {
    const svg = fs.readFileSync(path.join(icons, `${name}.svg`), "utf8");
    const shapes = svg.replace(/<!--[\s\S]*?-->|<\/?svg[^>]*>/g, "").replace(/\n\s*/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
  });
  return { names: [...named].sort(), svg: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>` };
}

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
    fs.writeFileSync(`${file}.br`, zlib.brotliCompressSync(content));
    fs.writeFileSync(`${file}.gz`, zlib.gzipSync(content, { level: 9 }));
  }
}

fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(out, { recursive: true });

const { metafile } = await esbuild.build({
  absWorkingDir: here,
  entryPoints: ["css/app.css", "js/app.js", "js/theme.js"],
  outdir: out,
  bundle: true,
  minify: true,
  splitting: true,
  format: "esm",
  target: ["es2022", "chrome109", "firefox115", "safari16"],
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".woff2": "file" },
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
  plugins: [tablerWithoutTheUnused],
});

const manifest = {};
for (const [file, { entryPoint, inputs }] of Object.entries(metafile.outputs)) {
  const name = path.basename(file);
  if (entryPoint) manifest[path.basename(entryPoint)] = name;
  else if (name.endsWith(".woff2")) manifest[path.basename(Object.keys(inputs)[0])] = name;
}
const { names, svg } = sprite();
manifest["icons.svg"] = writeHashed("icons.svg", svg);
for (const file of filesUnder(path.join(here, "img"), ".svg")) {
  manifest[path.basename(file)] = writeHashed(path.basename(file), fs.readFileSync(file));
}
compress();
// A server without the package still knows which icons a section can name.
const packaged = filesUnder(icons, ".svg").map((file) => path.basename(file, ".svg"));
fs.writeFileSync(path.join(out, "icon-names.txt"), packaged.join("\n"));
// Written last: the manifest marks a complete build.
fs.writeFileSync(path.join(out, "manifest.json"), JSON.stringify({ files: manifest, icons: names }, null, 1));
