// Light, dark or as the system: a cookie, so that the next page comes in the right colours without a flash.
document.addEventListener("change", ({ target }) => {
  if (target.name !== "theme") return;
  document.cookie = `theme=${target.value}; Path=/; Max-Age=${target.value ? 31536000 : 0}; SameSite=Lax`;
  if (target.value) document.documentElement.dataset.theme = target.value;
  else delete document.documentElement.dataset.theme;
});
