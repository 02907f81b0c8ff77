// A question that the server sent into the dialog is asked at once.
const dialog = document.getElementById("dialog");

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.target !== dialog || ctx.response?.status >= 400 || dialog.open) return;
  for (const open of document.querySelectorAll(".menu:popover-open, .sidebar:popover-open")) open.hidePopover();
  dialog.showModal();
  dialog.querySelector("[autofocus]")?.select();
});

document.addEventListener("click", (event) => {
  const closes = event.target === dialog || event.target.closest("#dialog [data-close]");
  if (!closes) return;
  event.preventDefault();
  dialog.close();
});
