// The list beside the talk: the open thread is in view, and rises when something is written in it.
const current = () => document.querySelector(".thread-link:has([aria-current])");

current()?.scrollIntoView({ block: "nearest" });

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const link = ctx.sourceElement?.id === "composer" && ctx.response?.status < 400 && current();
  if (!link || link.querySelector(".pinned")) return;
  const first = [...link.parentNode.querySelectorAll(".thread-link")].find((other) => !other.querySelector(".pinned"));
  if (first !== link) first.before(link);
});
