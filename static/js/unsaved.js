// Asks before a page is left whose form somebody has typed into and not sent: a link must not lose a note.
"use strict";
(() => {
  let typedInto = null;
  document.addEventListener("input", ({ target }) => {
    // Who is looked for may be typed once more, and does not stand for the note that was typed before.
    if (target.form?.method === "post" && target.form.role !== "search") typedInto = target.form;
  });
  document.addEventListener("submit", ({ target }) => {
    if (target === typedInto) typedInto = null;
  });
  window.addEventListener("beforeunload", (event) => {
    if (typedInto) event.preventDefault();
  });
})();
