"use strict";

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
follow();
dark.addEventListener("change", follow);

window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  tryItOutEnabled: true,
  persistAuthorization: false, // a token lives and dies with the page
  oauth2RedirectUrl: new URL("/docs/oauth2-redirect", window.location).href,
  validatorUrl: null, // the default asks a server of the web
  displayRequestDuration: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
});

window.ui.initOAuth({ clientId: "swagger-ui", usePkceWithAuthorizationCodeGrant: true });
