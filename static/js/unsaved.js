// Asks before a page is left whose form somebody has typed into and not sent: a link must not lose a note.
"use strict";
(() => {
  let typedInto = null;
  document.addEventListener("input", ({ target }) => {
    if (target.form?.method === "post") typedInto = target.form;
  });
  document.addEventListener("submit", ({ target }) => {
    if (target === typedInto) typedInto = null;
  });
  window.addEventListener("beforeunload", (event) => {
    if (typedInto) event.preventDefault();
  });
})();
