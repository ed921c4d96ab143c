// The settings of htmx, which it reads from a <meta> when it is loaded.

const settings = document.createElement("meta");
settings.name = "htmx-config";
settings.content = JSON.stringify({ history: "reload", includeIndicatorCSS: false, noSwap: [204, 304, 400, 401, 403, 404, 405, 410, 413, 429, "5xx"] });
document.head.append(settings);
