// Uploads in chunks, with progress, that go on after a cut: the platform is asked where it stands. A page that was left can
// be taken up again with the same file. Without this the form is sent whole, and works the same.
const CHUNK = 512 * 1024;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("");

class Refused extends Error { constructor(told) { super(told.message); this.offset = told.offset; } }

// Asks until there is an answer: a cut, or a busy moment, is waited out.
async function ask(url, options, cut) {
  for (let pause = 500; ; pause = Math.min(pause * 2, 15000)) {
    try {
      const answer = await fetch(url, { ...options, redirect: "manual" });
      if (answer.type === "opaqueredirect") return null;
      if (answer.ok) return await answer.json();
      if (answer.status === 422) throw new Refused(await answer.json());
      // A session that ended, a form too old: the page itself must be loaded again.
      if (answer.status !== 503 && answer.status !== 502 && answer.status !== 504) throw new Refused({ message: null });
    } catch (error) {
      if (error instanceof Refused) throw error;
    }
    cut();
    await wait(pause);
  }
}

function remembered(key, value) {
  try {
    if (value === undefined) return sessionStorage.getItem(key);
    if (value === null) sessionStorage.removeItem(key); else sessionStorage.setItem(key, value);
  } catch { /* storage may be switched off: then an upload cannot be taken up after the page was left */ }
  return null;
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  if (!globalThis.crypto?.subtle) continue;
  const words = JSON.parse(form.dataset.words), base = form.dataset.upload;
  const input = form.querySelector("input[type=file]");
  const bar = document.createElement("progress");
  bar.hidden = true; bar.max = 1; bar.setAttribute("aria-label", words.sending);
  const state = document.createElement("p");
  state.className = "hint"; state.setAttribute("role", "status");
  form.append(bar, state);
  const field = (name) => form.elements.namedItem(name).value;
  const post = (url, pairs, cut) => ask(url, { method: "POST", body: new URLSearchParams({ jeton: field("jeton"), ...pairs }) }, cut);
  let busy = false;
  form.addEventListener("submit", async (event) => {
    const file = input.files[0];
    if (!file) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (busy) return;
    if (file.size > Number(form.dataset.most)) { state.className = "error"; state.textContent = words.large; return; }
    busy = true; bar.hidden = false; bar.value = 0;
    state.className = "hint"; state.textContent = words.reading;
    const cut = () => { state.textContent = words.cut; };
    let key = null;
    try {
      const sha256 = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
      key = ["envoi", field("piece"), field("correction"), sha256].join(" ");
      let at = null;
      const known = remembered(key);
      if (known) at = await ask(`${base}/${known}`, {}, cut).catch(() => null);
      if (!at) {
        at = await post(base, { piece: field("piece"), but: field("but"), correction: field("correction"), nom: file.name, taille: file.size }, cut);
        remembered(key, at.upload);
      }
      while (at.offset < file.size) {
        state.textContent = `${words.sending} ${Math.floor((100 * at.offset) / file.size)} %`;
        bar.value = at.offset / file.size;
        try {
          at = await ask(`${base}/${at.upload}?depuis=${at.offset}`, { method: "PUT", body: file.slice(at.offset, at.offset + CHUNK), headers: { "X-Jeton": field("jeton"), "Content-Type": "application/octet-stream" } }, cut);
        } catch (error) {
          // An answer was lost after its bytes were taken: go on from where it stands.
          if (!(error instanceof Refused) || typeof error.offset !== "number") throw error;
          at = { ...at, offset: error.offset };
        }
      }
      bar.value = 1;
      await post(`${base}/${at.upload}`, { sha256, retour: field("retour") }, cut);
      remembered(key, null);
      location.assign(form.dataset.back);
    } catch (error) {
      if (key) remembered(key, null);
      busy = false; bar.hidden = true;
      state.className = "error"; state.textContent = (error instanceof Refused && error.message) || words.failed;
    }
  }, { capture: true });
}
