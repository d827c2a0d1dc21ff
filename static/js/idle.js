// Warns staff two minutes before they are signed out. The server ends the session by itself, with or without this.
"use strict";
(() => {
  const { ask, stay, warning, button, ended } = document.currentScript.dataset;
  const BEFORE = 120;
  let box = null;

  async function left(address) {
    try {
      const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
      return answer.ok ? (await answer.json()).seconds : null;
    } catch {
      return null;
    }
  }

  function show(words, offersToStay) {
    box ??= document.body.appendChild(Object.assign(document.createElement("div"), { className: "idle-warning" }));
    box.setAttribute("role", "alert");
    box.textContent = words;
    if (offersToStay) {
      const stays = Object.assign(document.createElement("button"), { type: "button", textContent: button });
      stays.addEventListener("click", () => look(stay));
      box.append(" ", stays);
    }
  }

  async function look(address) {
    const seconds = await left(address);
    if (seconds === null) return void setTimeout(look, 30000, ask);
    if (seconds === 0) return show(ended, false);
    if (seconds > BEFORE) {
      box?.remove();
      box = null;
      return void setTimeout(look, (seconds - BEFORE) * 1000, ask);
    }
    if (!box) show(warning, true);
    setTimeout(look, 10000, ask);
  }

  look(ask);
})();
