// Charts: enlarged for the projector, and the table behind each, built when it is first opened.
const behind = later("charts");
const enlarged = byId("enlarged");
let home = null;

const dataTable = (table) => {
  const head = element("tr");
  const numeric = table.head.map((_, k) => table.rows.every((row) => typeof row[k] === "string" && /^[−\-+–\d.,%]*$/.test(row[k])));
  table.head.forEach((title, k) => head.append(element("th", { scope: "col", class: numeric[k] ? "n" : "" }, say(title))));
  const body = element("tbody");
  for (const row of table.rows) {
    const made = element("tr");
    row.forEach((cell, k) => made.append(element(k ? "td" : "th", k ? { class: numeric[k] ? "n" : "" } : { scope: "row" }, say(cell))));
    body.append(made);
  }
  return element("table", { class: "plain dense" }, element("thead", {}, head), body);
};
const fillData = (details) => {
  if (details.open) details.querySelector(".scroll").replaceChildren(dataTable(behind()[details.dataset.table]));
};
const opened = () => document.querySelectorAll("details[data-table]");
for (const details of opened()) details.addEventListener("toggle", () => fillData(details));
redraws.push(() => opened().forEach(fillData));

const fillEnlarged = () => {
  if (!home) return;
  const finding = say([".zh", ".en"].map((way) => (home.querySelector(`figcaption strong ${way}`) || home.querySelector("figcaption strong")).textContent));
  byId("enlarged-title").replaceChildren(...sentence(finding + text("（取整前）", " (before rounding)")));
};
document.addEventListener("click", (event) => {
  const button = event.target.closest("button.enlarge");
  if (!button) return;
  home = button.closest("figure");
  fillEnlarged();
  enlarged.querySelector(".dialog-body").replaceChildren(...home.querySelectorAll(".chart"));
  enlarged.showModal();
});
enlarged.addEventListener("close", () => {
  home.querySelector(".picture").append(...enlarged.querySelectorAll(".chart"));
  home = null;
});
redraws.push(fillEnlarged);
