// Enhancements that every page may use; without them everything works the same, only less comfortably.

// Countdown: <time data-deadline="ms">text</time> <span data-left hidden></span>. The server's clock counts, not this one's.
const offset = Number(document.body.dataset.now) - Date.now();
const now = () => Date.now() + offset;
for (const left of document.querySelectorAll("[data-left]")) {
  const deadline = Number(left.dataset.left);
  const words = JSON.parse(left.dataset.words); // {d, h, m, s, over}
  const show = () => {
    let rest = Math.floor((deadline - now()) / 1000);
    if (rest < 0) { left.textContent = words.over; return; }
    const d = Math.floor(rest / 86400), h = Math.floor(rest / 3600) % 24, m = Math.floor(rest / 60) % 60, s = rest % 60;
    const parts = d > 0 ? [`${d} ${words.d}`, `${h} ${words.h}`] : h > 0 ? [`${h} ${words.h}`, `${m} ${words.m}`] : [`${m} ${words.m}`, `${s} ${words.s}`];
    left.textContent = parts.join(" ");
    setTimeout(show, d > 0 ? 60000 : 1000);
  };
  left.hidden = false;
  show();
}

// Forms that save themselves: <form data-autosave data-saved="…" data-failed="…">. Sends the whole form half a second after
// the last change; the server answers 204, or says what is wrong when the form is sent in earnest.
for (const form of document.querySelectorAll("form[data-autosave]")) {
  const state = document.createElement("p");
  state.className = "hint"; state.setAttribute("role", "status");
  form.append(state);
  let timer, running = Promise.resolve();
  const save = () => {
    running = running.then(async () => {
      try {
        const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Autosave": "1" }, redirect: "manual" });
        state.textContent = answer.status === 204 ? form.dataset.saved : form.dataset.failed;
      } catch { state.textContent = form.dataset.failed; }
    });
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 600); });
  form.addEventListener("submit", () => clearTimeout(timer));
}

// One press is one request: a second press of the same button while the first is under way does nothing.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
}
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });
