// A swap style for parts that reach the page from several sources (answer, stream, polling), in any order and
// more than once: what is there is morphed in place, a new message finds its place by its position.
let internal;

htmx.registerExtension("upsert", {
  init: (api) => {
    internal = api;
  },
  handle_swap: (style, target, fragment) => style === "upsert" && [...fragment.children].flatMap((part) => put(target, part)),
});

function put(list, part) {
  const there = document.getElementById(part.id);
  if (there) {
    const wanted = document.createDocumentFragment();
    wanted.append(part);
    internal.morph(there, wanted, false);
    return [there];
  }
  if (!part.dataset.position) return [];
  const after = [...list.children].find((other) => Number(other.dataset.position) > Number(part.dataset.position));
  list.insertBefore(part, after ?? null);
  return [part];
}

// The mark of the current image belongs to one picture at a time, while only changed messages are sent.
function markCurrent() {
  const current = document.getElementById("thread-head")?.dataset.current;
  for (const picture of document.querySelectorAll("#messages [data-image]")) {
    if (picture.dataset.image === current) picture.setAttribute("aria-current", "true");
    else picture.removeAttribute("aria-current");
  }
  if (document.querySelector("#messages > *")) document.getElementById("welcome")?.remove();
}

document.addEventListener("htmx:after:swap", markCurrent);
