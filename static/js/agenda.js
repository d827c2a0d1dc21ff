// Esc leads back to the desk from where a visit was to be moved.
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelector("[data-back]")?.click();
});
