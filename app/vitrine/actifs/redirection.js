"use strict";

// Swagger UI opened this window and waits: it is given the code, if the answer is to its own question.
const answer = new URLSearchParams(window.location.search);
const asked = window.opener && window.opener.swaggerUIRedirectOauth2;

if (asked) {
  const ours = answer.get("state") === asked.state && answer.get("iss") === document.location.origin;
  if (ours && answer.get("code")) {
    delete asked.state;
    asked.auth.code = answer.get("code");
    asked.callback({ auth: asked.auth, redirectUrl: asked.redirectUrl });
  } else {
    const message = answer.get("error_description") || answer.get("error") || "Réponse inattendue.";
    asked.errCb({ authId: asked.auth.name, source: "auth", level: "error", message });
  }
  window.close();
}
