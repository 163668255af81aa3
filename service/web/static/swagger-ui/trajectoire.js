// The interactive documentation. It spares its reader two headers: a fresh Idempotency-Key on every POST, and, on an act,
// If-Match with the ETag of the object as this page last saw it.
"use strict";

const etags = new Map();

function objectOf(url) {
  const found = /\/api\/v1\/[a-z-]+\/[0-9A-Za-z-]+/.exec(new URL(url, window.location).pathname);
  return found ? found[0] : null;
}

function freshKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Swagger UI sends nothing while a required header is empty; these two are added below.
function spare(description) {
  for (const operations of Object.values(description.paths))
    for (const { parameters = [] } of Object.values(operations))
      for (const parameter of parameters)
        if (["Idempotency-Key", "If-Match"].includes(parameter.name)) parameter.required = false;
  return description;
}

// From 150 rows on, Swagger UI keeps only those near the window in the page: the other chapters are lost to a search and to
// a screen reader. The chapters opened first are closed before that.
const ROOM = 110; // operations, beside the chapters themselves
const opened = [];

const fewOpen = () => ({
  statePlugins: { layout: { wrapActions: { show: (show, system) => (thing, shown = true) => {
    const [kind, chapter] = [].concat(thing);
    if (kind === "operations-tag") {
      const size = (name) => system.specSelectors.taggedOperations().getIn([name, "operations"])?.size ?? 0;
      if (opened.includes(chapter)) opened.splice(opened.indexOf(chapter), 1);
      if (shown) opened.push(chapter);
      while (opened.length > 1 && opened.reduce((sum, name) => sum + size(name), 0) > ROOM)
        show(["operations-tag", opened.shift()], false);
    }
    return show(thing, shown);
  } } } },
});

const show = (description) => (window.ui = SwaggerUIBundle({
  spec: spare(description),
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "none",
  plugins: [fewOpen],
  filter: true,
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (request.method === "POST") {
      request.headers["Idempotency-Key"] ??= freshKey();
      const held = etags.get(objectOf(request.url));
      if (held) request.headers["If-Match"] ??= held;
    }
    return request;
  },
  responseInterceptor: (response) => {
    const etag = response.headers && response.headers.etag;
    const object = objectOf(response.url || "");
    if (response.ok && etag && object) etags.set(object, etag);
    return response;
  },
}));

fetch("openapi.json").then((answer) => answer.json()).then(show);
