// Counts down in a notice that says how long to wait, and says when the waiting is over. Whoever listens instead of
// looking hears the sentence once: the moving number is hidden from them.
function tick() {
  for (const number of document.querySelectorAll("[data-wait]")) {
    number.dataset.until ??= Date.now() + number.dataset.wait * 1000;
    const left = Math.ceil((number.dataset.until - Date.now()) / 1000);
    if (left > 0) number.textContent = `${left} s`;
    else over(number.closest(".notice"));
  }
}

function over(notice) {
  notice.classList.remove("warn");
  notice.classList.add("calm");
  notice.querySelector("p").textContent = "The wait is over: you can send it now.";
}

setInterval(tick, 500);
