// Language, printing, closing of dialogs, and the first drawing.
const setLanguage = (zh) => {
  page.lang = zh ? "zh-CN" : "en";
  byId("language").textContent = zh ? "English" : "中文";
  byId("language").lang = zh ? "en" : "zh";
  for (const one of document.querySelectorAll("[data-zh]")) one.textContent = zh ? one.dataset.zh : one.dataset.en;
  for (const redraw of redraws) redraw();
};
byId("language").addEventListener("click", () => setLanguage(!chinese()));
byId("print").addEventListener("click", () => print());
for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
    if (event.target.closest("[data-print]")) print();
  });
}
for (const tip of document.querySelectorAll(".tip")) {
  tip.addEventListener("keydown", (event) => event.key === "Escape" && tip.classList.add("off"));
  for (const away of ["mouseleave", "focusout"]) tip.addEventListener(away, () => tip.classList.remove("off"));
}
for (const link of document.querySelectorAll("a[data-open]")) {
  link.addEventListener("click", () => (byId(link.dataset.open).open = true));
}
setLanguage(chinese());
