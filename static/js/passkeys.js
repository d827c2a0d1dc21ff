// Passkeys, on the sign-in pages of the staff only. A form with data-passkey holds what to ask the browser for;
// what the browser answers is posted with the form, and checked on the server. Where the form asks for a password,
// too, it is the button with data-uses-passkey that asks for one.
"use strict";

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential || !PublicKeyCredential.parseRequestOptionsFromJSON) continue;
  const button = form.querySelector("[data-uses-passkey]");
  (button || form).hidden = false;
  form.addEventListener("submit", async (event) => {
    if (button && event.submitter !== button) return;
    event.preventDefault();
    const options = JSON.parse(form.dataset.passkey);
    const problem = form.querySelector("[role=alert]");
    problem.hidden = true;
    try {
      const credential = options.rp
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.passkey.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch {
      problem.hidden = false;
    }
  });
}
