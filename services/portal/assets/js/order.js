// The order of schools by drag; the buttons beside each school do the same without it.
const list = document.querySelector("[data-order]");
if (list && list.children.length > 1) {
  const form = list.closest("form");
  const state = document.createElement("p");
  state.className = "hint"; state.setAttribute("role", "status");
  list.after(state);
  let dragged = null, before = "";
  // The schools stand again as they are kept, and what is said about it stays to be read.
  const failed = () => {
    for (const value of before.split(" ")) list.append(list.querySelector(`input[name=ecole][value="${CSS.escape(value)}"]`).closest("li"));
    state.className = "error"; state.textContent = list.dataset.failed;
  };
  const order = () => [...list.querySelectorAll("input[name=ecole]")].map((i) => i.value).join(" ");
  for (const item of list.children) {
    item.draggable = true;
    item.addEventListener("dragstart", (event) => {
      dragged = item; before = order();
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", item.id);
      item.classList.add("dragged");
    });
    item.addEventListener("dragover", (event) => {
      if (!dragged) return;
      event.preventDefault();
      if (dragged === item) return;
      const box = item.getBoundingClientRect();
      list.insertBefore(dragged, event.clientY < box.top + box.height / 2 ? item : item.nextSibling);
    });
    item.addEventListener("drop", (event) => event.preventDefault());
    item.addEventListener("dragend", async () => {
      item.classList.remove("dragged"); dragged = null;
      if (order() === before) return;
      try {
        const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Autosave": "1" }, redirect: "manual" });
        // What each button does depends on the place: the page is made again from what was kept.
        if (answer.status === 204) { state.textContent = list.dataset.saved; location.reload(); } else { failed(); }
      } catch { failed(); }
    });
  }
}
