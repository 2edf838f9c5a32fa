// The planner's grid: a slot is dragged to a free place of a panel that holds the same exam. The dialog then asks why, and
// its form is the one of the candidate's page: the service decides, as it does without this script.
const dialog = document.getElementById("deplacement");
const form = dialog?.querySelector("form");
let dragged;
if (form) {
  for (const cell of document.querySelectorAll("td[data-dossier]")) {
    cell.draggable = true;
    // Otherwise the link inside would be what is dragged.
    cell.querySelector("a").draggable = false;
    cell.addEventListener("dragstart", (event) => {
      dragged = cell;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", cell.textContent.trim());
      mark(true);
    });
    cell.addEventListener("dragend", () => mark(false));
  }
  for (const cell of document.querySelectorAll("td.free")) {
    const fits = () => dragged && dragged.dataset.exam === cell.dataset.exam;
    cell.addEventListener("dragover", (event) => { if (fits()) event.preventDefault(); });
    cell.addEventListener("drop", (event) => {
      if (!fits()) return;
      event.preventDefault();
      form.action = dialog.dataset.base + dragged.dataset.dossier;
      form.elements.epreuve.value = dragged.dataset.exam;
      form.elements.place.value = new URLSearchParams({ a: cell.dataset.at, jury: cell.dataset.panel }).toString();
      const time = cell.closest("tr").querySelector("time").textContent;
      dialog.querySelector("[data-what]").textContent = `${dragged.querySelector("a").textContent} → ${time}, ${cell.dataset.panel}`;
      dialog.showModal();
    });
  }
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
}

// While a slot is held, the places it may be let go on show.
function mark(on) {
  for (const cell of document.querySelectorAll("td.free")) {
    cell.classList.toggle("target", on && cell.dataset.exam === dragged.dataset.exam);
  }
}
