// Says how many have written since the page was opened. Nothing moves by itself: the reader reloads.
"use strict";
(() => {
  const line = document.getElementById("new-since");
  const title = document.title;

  async function look() {
    if (document.hidden) return;
    try {
      // Whoever is signed out is led to the sign-in: that is no number.
      const answer = await fetch(line.dataset.ask, { credentials: "same-origin", cache: "no-store", redirect: "manual" });
      if (!answer.ok) return;
      const { number, words } = await answer.json();
      if (words === line.textContent) return;
      document.title = number ? `(${number}) ${title}` : title;
      line.replaceChildren(...(number ? [Object.assign(document.createElement("a"), { href: "", textContent: words })] : []));
    } catch {
      // Without network there is nothing new.
    }
  }

  setInterval(look, 60000);
  document.addEventListener("visibilitychange", look);
})();
