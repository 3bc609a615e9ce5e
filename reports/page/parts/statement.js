// A county's statement: from the factors over the rules to the payout, adding up down every column.
const told = later("statements");
const statement = byId("statement");
let openCounty = null;

const inSteps = (steps, sign) =>
  steps === null ? "" : money(BigInt(steps) * step, stepPlaces, stepPlaces, sign);
const line = (head, cells, kind, clause) => {
  const first = element("th", { scope: "row" }, head);
  if (clause) first.append(element("small", {}, name(clause)));
  const row = element("tr", kind ? { class: kind } : {}, first);
  for (const cell of cells) row.append(element("td", { class: "n" }, cell));
  return row;
};
const headed = (titles, numeric) => {
  const row = element("tr");
  titles.forEach((title, k) => row.append(element("th", { scope: "col", class: k >= numeric ? "n" : "" }, title)));
  return element("thead", {}, row);
};
const added = (rows) => rows.map((row) => row.slice(1)).reduce((a, b) => a.map((x, k) => (x || 0) + (b[k] || 0)));

const totalFirst = (amounts) => [amounts[amounts.length - 1], ...amounts.slice(0, -1)];

const pathTable = (all, own) => {
  const body = element("tbody");
  const width = own.streams.length + 1;
  const block = (kinds, title, sign) => {
    const rows = own.rows.filter(([part]) => kinds.includes(all.parts[part].kind));
    if (!rows.length) return;
    body.append(line(title, new Array(width).fill(""), "head"));
    for (const [part, ...amounts] of rows) {
      const { title: called, clause } = all.parts[part];
      body.append(line(name(say(called)), totalFirst(amounts).map((steps) => inSteps(steps, sign)), "", clause));
    }
  };
  const until = (kinds) => own.rows.filter(([part]) => kinds.includes(all.parts[part].kind));
  block(["factor"], text("一、因素测算", "1. Factors"), false);
  block(["adjustment"], text("综合平衡", "Adjustment by hand"), true);
  const due = until(["factor", "adjustment"]);
  if (due.length) body.append(line(text("应得额", "Entitlement"), totalFirst(added(due)).map((steps) => inSteps(steps, false)), "line"));
  block(["rule"], text("二、规则", "2. Rules"), true);
  block(["rounding"], text("三、取整", "3. Rounding"), true);
  const paid = [...own.paid, own.paid.reduce((a, b) => a + b, 0)];
  body.append(line(text("分配额", "Amount"), totalFirst(paid).map((steps) => inSteps(steps, false)), "line"));
  const titles = [text("项目", "Item"), text("合计", "Total"), ...own.streams.map((s) => say(all.streams[s]))];
  return element("table", { class: "plain statement" }, headed(titles, 1), body);
};

const factorTable = (all, own) => {
  const body = element("tbody");
  for (const [stream, factor, weight, value, share, amount] of own.factors) {
    const row = line(name(say(all.streams[stream])), [], "");
    row.append(element("td", {}, name(say(all.factors[factor]))));
    for (const cell of [weight, value, share, amount]) row.append(element("td", { class: "n" }, cell));
    body.append(row);
  }
  const titles = [text("资金", "Stream"), text("因素", "Factor"), text("权重", "Weight"), text("数值", "Value"),
    text("占全部的份额", "Share of all"), text("金额", "Amount")];
  return element("table", { class: "plain dense" }, headed(titles, 2), body);
};

const useTable = (all, i) => {
  const body = element("tbody");
  const cells = facts.columns.filter((c) => c.name.startsWith("use."));
  cells.forEach((column, k) =>
    body.append(line(name(say(all.uses[k])), [money(column.values[i], column.places, column.shown, false)], "")));
  return element("table", { class: "plain dense" }, headed([text("用途", "Use"), text("金额", "Amount")], 1), body);
};

const stated = (all, own) => {
  const why = own.why ? say(own.why) : text("没有规则改变该旗县的金额。", "No rule moves this county.");
  return [
    element("p", {}, element("strong", {}, text("主要原因：", "Main reason: ")), ...sentence(why)),
    ...own.notes.map((note) => element("p", {}, ...sentence(say(note)))),
    element("div", { class: "scroll", tabindex: 0 }, pathTable(all, own)),
    element("h3", {}, text("因素取数", "Factors, value by value")),
    element("div", { class: "scroll", tabindex: 0 }, factorTable(all, own)),
    element("h3", {}, text("用途", "Uses")),
    useTable(all, openCounty),
  ];
};
const fillStatement = () => {
  if (openCounty === null) return;
  const all = told();
  const own = all.counties[openCounty];
  byId("statement-title").replaceChildren(
    name(facts.names[openCounty]),
    ` ${facts.codes[openCounty]} · ${text("取数单", "statement")}${text(`（${facts.unit}）`, ` (${facts.unit})`)}`,
  );
  const body = statement.querySelector(".dialog-body");
  body.replaceChildren(...(own.nothing ? [element("p", {}, ...sentence(say(own.nothing)))] : stated(all, own)));
  body.scrollTop = 0;
};
counties.addEventListener("click", (event) => {
  const button = event.target.closest("button.open");
  if (!button) return;
  openCounty = Number(button.closest("tr").dataset.row);
  fillStatement();
  statement.showModal();
});
statement.addEventListener("close", () => (openCounty = null));
// An open dialog is printed once a page; a copy of it is printed instead, alone.
addEventListener("beforeprint", () => {
  if (openCounty === null) return;
  byId("printed").replaceChildren(
    element("h1", {}, byId("statement-title").textContent),
    ...[...statement.querySelector(".dialog-body").children].map((one) => one.cloneNode(true)),
  );
  document.body.classList.add("showing");
});
addEventListener("afterprint", () => {
  document.body.classList.remove("showing");
  byId("printed").replaceChildren();
});
redraws.push(fillStatement);
