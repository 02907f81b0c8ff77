// The pictures a message is about: chosen in the talk, uploaded, pasted or dropped; each can be left out again.
const form = () => document.getElementById("composer");
const list = () => document.getElementById("targets");
const FILE = "The picture could not be sent. Try again in a moment.";

function changed() {
  const some = list().childElementCount > 0;
  form().elements.text.placeholder = some ? "Say what to change" : "Ask, or describe a picture";
  document.dispatchEvent(new CustomEvent("composer:changed"));
}

function add(part) {
  const there = list().querySelector(`[data-image="${part.dataset.image}"]`);
  if (!there) list().append(part);
  changed();
  form().elements.text.focus();
}

async function upload(file) {
  const body = new FormData();
  body.append("file", file);
  list().setAttribute("aria-busy", "true");
  try {
    const response = await fetch(form().dataset.uploads, { method: "POST", body, headers: { "HX-Request": "true" } });
    const begun = response.headers.get("Thread");
    if (begun) return move(begun);
    const text = await response.text();
    const [target, swap] = response.ok ? ["#targets", "beforeend"] : ["#notice", "innerMorph"];
    await htmx.swap({ text, target, swap, sourceElement: document.body });
    changed();
  } catch {
    document.dispatchEvent(new CustomEvent("composer:problem", { detail: FILE }));
  } finally {
    list()?.removeAttribute("aria-busy");
  }
}

// The upload began a thread: what was typed goes along.
function move(address) {
  const text = form().elements.text.value;
  sessionStorage.removeItem("draft:/messages");
  if (text) sessionStorage.setItem(`draft:${address.split("?")[0]}/messages`, text);
  location.assign(address);
}

const pictures = (data) => [...(data?.files ?? [])].filter((file) => file.type.startsWith("image/"));

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-upload]")) return;
  for (const file of event.target.files) upload(file);
  event.target.value = "";
});

for (const [name, data] of [["paste", "clipboardData"], ["drop", "dataTransfer"]]) {
  document.addEventListener(name, (event) => {
    const found = form() ? pictures(event[data]) : [];
    if (!found.length) return;
    event.preventDefault();
    found.forEach(upload);
  });
}

document.addEventListener("dragover", (event) => form() && event.dataTransfer.types.includes("Files") && event.preventDefault());

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-untarget]")) {
    event.target.closest(".target").remove();
    changed();
    return;
  }
  const chosen = event.target.closest("[data-target]");
  if (!chosen || !form() || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const part = document.getElementById("target-template").content.firstElementChild.cloneNode(true);
  part.dataset.image = part.querySelector("input").value = chosen.dataset.target;
  part.querySelector("img").src = `/images/${chosen.dataset.target}/thumbnail`;
  part.querySelector(".target__name").textContent = chosen.dataset.handle ? `#${chosen.dataset.handle}` : "";
  add(part);
});

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.id !== "composer" || ctx.response.status >= 400 || !list()) return;
  list().replaceChildren();
  form().elements.intent.value = "auto";
  form().elements.leave_style.value = "";
  changed();
});
