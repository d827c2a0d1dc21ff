// "/" leads to the box in which patients are found, unless it is a sign that somebody types.
"use strict";
(() => {
  const box = document.getElementById("find-typed");
  if (!box) return;
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input:not([type=radio], [type=checkbox], [type=submit]), textarea, select");
    if (event.key !== "/" || isTyping || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
})();
