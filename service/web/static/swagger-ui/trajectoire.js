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

const show = (description) => (window.ui = SwaggerUIBundle({
  spec: spare(description),
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "none",
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
