// Puts the words of a canned reply into the answer at once. Without this, its button does the same by way of the server.
"use strict";
(() => {
  const button = document.querySelector("[data-canned]");
  const choice = button?.form.elements.canned;
  const answer = button?.form.elements.answer;
  button?.addEventListener("click", (event) => {
    const words = choice.selectedOptions[0]?.dataset.words;
    event.preventDefault();
    if (!words) return;
    answer.value = [answer.value.trimEnd(), words].filter(Boolean).join("\n\n");
    answer.dispatchEvent(new Event("input", { bubbles: true }));
    answer.focus();
  });
})();
