// Pictures of the gallery in the dialog: a click chooses one for the message, another click leaves it out again.
// What is chosen is added by targets.js, as everywhere.
const target = (id) => document.querySelector(`#targets [data-image="${id}"]`);

document.addEventListener("click", (event) => {
  const pick = event.target.closest("#dialog [data-target]");
  if (!pick) return;
  const there = target(pick.dataset.target);
  pick.setAttribute("aria-pressed", !there);
  if (!there) return;
  event.stopImmediatePropagation();
  there.querySelector("[data-untarget]").click();
});

document.addEventListener("htmx:after:swap", () => {
  for (const pick of document.querySelectorAll("#dialog [data-target]")) pick.setAttribute("aria-pressed", !!target(pick.dataset.target));
});
