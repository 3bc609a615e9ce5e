// The table of counties: what is shown, in which order, with subtotals and totals that follow.
const facts = read("table");
const counties = byId("counties");
const count = facts.codes.length;
const [stepWhole, stepPlaces] = facts.step;
const step = BigInt(stepWhole);
const prefectureOf = new Array(count);
facts.prefectures.forEach((one, p) => one.rows.forEach((i) => (prefectureOf[i] = p)));
const columns = {};
for (const column of facts.columns) {
  columns[column.name] = column;
  if (column.values) column.values = column.values.map((v) => (v === null ? null : BigInt(v)));
}
const shownColumns = facts.columns.filter((c) => c.view !== "hidden");
const everyone = facts.codes.map((_, i) => i);

// Amounts of a trial by column, or null where the decision itself is shown.
let trial = null;
const order = { column: "code", rising: true };
const rowOf = [];
const bodies = [...counties.tBodies];
const subtotals = bodies.map((body) => body.rows[0]);
const flat = element("tbody");
const sumRow = counties.tFoot.rows[0];
for (const body of bodies) {
  for (const row of [...body.rows].slice(1)) rowOf[Number(row.dataset.row)] = row;
}

const sum = (values, rows) => {
  let total = null;
  for (const i of rows) if (values[i] !== null) total = (total === null ? 0n : total) + values[i];
  return total;
};
const valuesOf = (column) => (trial && trial[column.name]) || column.values;
const rescale = (value, from, to) => value * 10n ** BigInt(to - from);

// Part and whole of a ratio over some counties, at the same number of places.
const partsOf = (column, rows) => {
  const part = columns[column.part];
  const whole = columns[column.whole];
  const known = rows.filter((i) => part.values[i] !== null && whole.values[i] !== null);
  const places = Math.max(part.places, whole.places);
  const [x, y] = [[part, sum(part.values, known)], [whole, sum(whole.values, known)]].map(([c, v]) =>
    v === null ? null : rescale(v, c.places, places));
  return x === null || y === null ? [null, null] : [column.change ? x - y : x, y];
};
const cellText = (column, rows) => {
  if (column.values) return money(sum(valuesOf(column), rows), column.places, column.shown, false);
  return percent(...partsOf(column, rows), column.change);
};
const put = (cell, words) => {
  if (cell.textContent !== words) cell.textContent = words;
};
const trialCells = (rows) => {
  if (!rows.length) return ["–", "–", "–", 0n];
  const own = columns.amount;
  const now = sum(trial.trial, rows);
  const moved = now - sum(own.values, rows);
  return [
    money(now, own.places, own.shown, false),
    money(moved, own.places, own.shown, true),
    percent(moved, sum(own.values, rows), true),
    moved,
  ];
};
// What a view hides is filled when the view is chosen.
const visible = (column) => column.view === "all" || column.view === counties.dataset.view;
const fill = (row, rows) => {
  let at = 2;
  for (const column of shownColumns) {
    const cell = row.cells[at++];
    if (!visible(column)) continue;
    if (column.name !== "amount") {
      put(cell, cellText(column, rows));
      continue;
    }
    // the decision stands in this column, the trial in the three beside it
    put(cell, money(sum(column.values, rows), column.places, column.shown, false));
    if (trial) {
      const [now, moved, rate, amount] = trialCells(rows);
      const way = amount > 0n ? " up" : amount < 0n ? " down" : "";
      put(row.cells[at], now);
      put(row.cells[at + 1], moved);
      put(row.cells[at + 2], rate);
      row.cells[at + 1].className = row.cells[at + 2].className = `n trial${way}`;
    }
    at += 3;
  }
};

const keyOf = (rows) => {
  const column = columns[order.column];
  if (trial && order.column === "trial") return Number(sum(trial.trial, rows));
  if (trial && (order.column === "moved" || order.column === "rate")) {
    const before = sum(columns.amount.values, rows);
    const moved = Number(sum(trial.trial, rows) - before);
    return order.column === "moved" ? moved : before ? moved / Number(before) : -Infinity;
  }
  if (!column) return 0;
  if (column.values) {
    const value = sum(valuesOf(column), rows);
    return value === null ? -Infinity : Number(value);
  }
  const [part, whole] = partsOf(column, rows);
  return part === null || whole === 0n ? -Infinity : Number(part) / Number(whole);
};
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const sorted = (items, rowsOf, codeOf, prefecture) => {
  const way = order.rising ? 1 : -1;
  if (order.column === "code") return items.sort((a, b) => way * compare(codeOf(a), codeOf(b)));
  const key = new Map(items.map((item) => [item, order.column === "prefecture" ? prefecture(item) : keyOf(rowsOf(item))]));
  return items.sort((a, b) => way * compare(key.get(a), key.get(b)) || compare(codeOf(a), codeOf(b)));
};

const wanted = () => {
  const words = byId("find").value.trim().toLowerCase();
  const prefecture = byId("prefecture").value;
  const group = byId("group") ? byId("group").value : "";
  const members = group ? new Set(facts.groups[group]) : null;
  return everyone.filter(
    (i) =>
      (!words || facts.codes[i].toLowerCase().includes(words) || facts.names[i].toLowerCase().includes(words)) &&
      (prefecture === "" || prefectureOf[i] === Number(prefecture)) &&
      (!members || members.has(i)),
  );
};

// Puts the rows in order; nothing moves where the order is as before.
let placed = null;
const place = (orderedRows, orderedPrefectures, members) => {
  const wish = `${orderedPrefectures.map((p) => members[p])}|${orderedRows}|${orderedPrefectures.length}`;
  if (wish === placed) return;
  placed = wish;
  for (const body of [...counties.tBodies]) body.remove();
  for (const p of orderedPrefectures) bodies[p].replaceChildren(subtotals[p], ...members[p].map((i) => rowOf[i]));
  if (!orderedPrefectures.length) flat.replaceChildren(...orderedRows.map((i) => rowOf[i]));
  for (const body of orderedPrefectures.length ? orderedPrefectures.map((p) => bodies[p]) : [flat]) {
    counties.insertBefore(body, counties.tFoot);
  }
};

// What is left out, for paper, where the filters are not to be seen.
const tellFilter = (left) => {
  const words = byId("find").value.trim();
  const chosen = ["prefecture", "group"].map(byId).filter((one) => one && one.value !== "");
  const named = chosen.map((one) => {
    const title = one.selectedOptions[0].textContent;
    return text(`${one.id === "group" ? "分组" : "盟市"}“${title}”`, `${one.id} '${title}'`);
  });
  if (words) named.push(text(`查找“${words}”`, `search '${words}'`));
  const by = named.join(text("、", ", "));
  byId("filtered").hidden = left === count;
  byId("filtered").replaceChildren(...sentence(text(
    `本表只列筛选出的旗县（${by}）：共 ${count} 个，列出 ${left} 个；小计不是全部资金的合计。`,
    `Filtered table (${by}): ${left} of ${count} counties; its subtotals are not those of all the money.`,
  )));
};

const showTable = () => {
  const rows = wanted();
  const grouped = byId("grouped").checked;
  const orderedRows = sorted(rows, (i) => [i], (i) => facts.codes[i], (i) => prefectureOf[i]);
  const members = facts.prefectures.map(() => []);
  for (const i of orderedRows) members[prefectureOf[i]].push(i);
  const present = facts.prefectures.map((_, p) => p).filter((p) => members[p].length);
  const orderedPrefectures = grouped ? sorted(present, (q) => members[q], (q) => q, (q) => q) : [];
  for (const i of rows) fill(rowOf[i], [i]);
  for (const p of orderedPrefectures) {
    fill(subtotals[p], members[p]);
    put(subtotals[p].cells[1], String(members[p].length));
    subtotals[p].classList.toggle("part", members[p].length < facts.prefectures[p].rows.length);
  }
  place(orderedRows, orderedPrefectures, members);
  fill(sumRow, rows);
  put(sumRow.cells[1], String(rows.length));
  sumRow.classList.toggle("part", rows.length < count);
  tellFilter(rows.length);
  counties.classList.toggle("grouped", grouped);
  counties.classList.toggle("trying", trial !== null);
  byId("nobody").hidden = rows.length > 0;
  byId("count").textContent = text(`${rows.length} / ${count} 个旗县`, `${rows.length} of ${count} counties`);
};

const sortBy = (heading) => {
  const column = heading.dataset.column;
  order.rising = order.column === column ? !order.rising : column === "code" || column === "prefecture";
  order.column = column;
  for (const other of counties.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", order.rising ? "ascending" : "descending");
  showTable();
};
for (const heading of counties.tHead.rows[0].cells) {
  heading.querySelector("button").addEventListener("click", () => sortBy(heading));
}
byId("filters").addEventListener("submit", (event) => event.preventDefault());
byId("filters").addEventListener("input", (event) => {
  if (event.target.name === "view") counties.dataset.view = event.target.value;
  showTable();
});
redraws.push(showTable);
