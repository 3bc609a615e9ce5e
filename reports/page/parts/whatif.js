// Sliders along solved points: the table and the bars follow; nothing between the points is shown.
const panel = byId("whatif");
const levers = panel ? read("sliders") : null;
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const valueOf = new Map([...letters].map((letter, k) => [letter, k]));
const most = 20;
let at = null; // { lever, point } away from the present

// Whole numbers from letters: five bits a letter, the sixth says that more follow, the sign comes first.
const unpacked = (packed, size) => {
  const numbers = new Array(size).fill(0);
  let filled = 0;
  let zero = false;
  let whole = 0;
  let weight = 1;
  for (const letter of packed) {
    const bits = valueOf.get(letter);
    whole += (bits & 31) * weight;
    weight *= 32;
    if (bits & 32) continue;
    const number = whole % 2 ? -(whole - 1) / 2 : whole / 2;
    if (zero) {
      filled += number + 1;
      zero = false;
    } else if (number === 0) zero = true;
    else numbers[filled++] = number;
    whole = 0;
    weight = 1;
  }
  return numbers;
};

// Amounts of a point by column: the decision plus the point's differences.
const amountsOf = (point) => {
  const streams = levers.streams.map((key) => columns[`stream.${key}`]);
  const uses = levers.uses.map((key) => columns[`use.${key}`]);
  const moved = unpacked(point.d, count * (streams.length + uses.length - 1));
  const found = { trial: [...columns.amount.values] };
  const rest = new Array(count).fill(0);
  streams.forEach((column, s) => {
    found[column.name] = column.values.map((value, i) => value + BigInt(moved[s * count + i]) * step);
    for (const i of everyone) {
      found.trial[i] += BigInt(moved[s * count + i]) * step;
      rest[i] += moved[s * count + i];
    }
  });
  uses.forEach((column, u) => {
    const own = (i) => (u < uses.length - 1 ? moved[(streams.length + u) * count + i] : rest[i]);
    found[column.name] = column.values.map((value, i) => value + BigInt(own(i)) * step);
    if (u < uses.length - 1) for (const i of everyone) rest[i] -= own(i);
  });
  return found;
};

const changes = () => columns.amount.values.map((value, i) => trial.trial[i] - value);
const signed = (value) => money(value, columns.amount.places, columns.amount.shown, true);
const plain = (value) => money(value, columns.amount.places, columns.amount.shown, false);

const outcome = () => {
  if (!at) return text("拖动一个滑块，或用方向键，看这一项变动后的完整方案。", "Move a slider, or use the arrow keys, to see the whole plan under that number.");
  const lever = levers.levers[at.lever];
  const point = lever.points[at.point];
  const where = `${text(lever.zh, lever.en)}${text("：", ": ")}${text(point.zh, point.en)}`;
  if (!trial) {
    const short = point.rules.map((rule) => say(levers.rules[rule]));
    const why = short.length ? text(`，满足不了的规则至少有：${short.join("、")}`, `; at the least these rules fall short: ${short.join(", ")}`) : "";
    return text(`${where}——无解${why}。表中仍为原方案。`, `${where} – no allocation exists${why}. The table still shows the decision.`);
  }
  const moved = changes();
  const up = moved.filter((x) => x > 0n);
  const down = moved.filter((x) => x < 0n);
  const all = moved.reduce((a, b) => a + b, 0n);
  const gained = up.reduce((a, b) => a + b, 0n);
  const total = all === 0n
    ? text(`在旗县间调剂 ${plain(gained)} ${facts.unit}`, `${plain(gained)} ${facts.unit} move between counties`)
    : text(`总额 ${signed(all)} ${facts.unit}`, `the total changes by ${signed(all)} ${facts.unit}`);
  const extreme = (pick) => moved.reduce((best, x, i) => (pick(x, moved[best]) ? i : best), 0);
  const gain = extreme((x, y) => x > y);
  const loss = extreme((x, y) => x < y);
  const parts = [text(`${up.length} 个旗县增加，${down.length} 个减少，${total}`, `${up.length} up, ${down.length} down; ${total}`)];
  if (up.length) parts.push(text(`增加最多：${facts.names[gain]} ${signed(moved[gain])}`, `most gained: ${facts.names[gain]} ${signed(moved[gain])}`));
  if (down.length) parts.push(text(`减少最多：${facts.names[loss]} ${signed(moved[loss])}`, `most lost: ${facts.names[loss]} ${signed(moved[loss])}`));
  return `${where}${text("——", " – ")}${parts.join(text("；", "; "))}${text("。", ".")}`;
};

const bars = () => {
  const place = byId("bars");
  if (!at || !trial) return place.replaceChildren();
  const moved = changes();
  const byCounty = panel.querySelector("input[name=bars]:checked").value === "counties";
  const size = (x) => (x < 0n ? -x : x);
  const rows = byCounty
    ? everyone.filter((i) => moved[i] !== 0n)
        .sort((a, b) => Number(size(moved[b]) - size(moved[a])) || a - b)
        .slice(0, most)
        .map((i) => [facts.names[i], moved[i]])
    : facts.prefectures.map((one) => [one.name, one.rows.reduce((total, i) => total + moved[i], 0n)]);
  const widest = Number(rows.reduce((best, [, x]) => (size(x) > best ? size(x) : best), 1n));
  const width = Math.max(300, place.clientWidth);
  const [height, labels, figures] = [26, Math.min(190, width * 0.3), Math.min(90, width * 0.18)];
  const reach = (width - labels - 2 * figures) / 2;
  const middle = labels + figures + reach;
  const title = text(`与方案相比的变动（${facts.unit}）`, `Change from the decision (${facts.unit})`);
  const picture = drawn("svg", { viewBox: `0 0 ${width} ${rows.length * height + 8}`, role: "img", "aria-label": `${title} ${rows.map(([label, x]) => `${label} ${signed(x)}`).join("; ")}` });
  rows.forEach(([label, x], k) => {
    const top = k * height + 4;
    const long = (Number(size(x)) / widest) * reach;
    const room = Math.floor(labels / 15);
    const shown = label.length > room ? `${label.slice(0, room - 1)}…` : label;
    picture.append(
      drawn("text", { x: labels - 8, y: top + 17, "text-anchor": "end", "font-size": 15, fill: "#1a1a1a" }, shown),
      drawn("rect", { x: x < 0n ? middle - long : middle, y: top + 2, width: Math.max(long, 0.5), height: height - 6, fill: x < 0n ? "#D55E00" : "#0072B2" }),
      drawn("text", { x: x < 0n ? middle - long - 5 : middle + long + 5, y: top + 17, "text-anchor": x < 0n ? "end" : "start", "font-size": 14, fill: "#1a1a1a" }, signed(x)),
    );
  });
  picture.append(drawn("line", { x1: middle, x2: middle, y1: 0, y2: rows.length * height + 8, stroke: "#52585f" }));
  place.replaceChildren(element("p", { class: "quiet" }, title), picture);
};

const inputs = [];
const showLever = (k) => {
  const lever = levers.levers[k];
  const { input, output, box } = inputs[k];
  // a present value that is no stop rests left of the first one
  const point = lever.points[Number(input.value)];
  const said = point ? text(point.zh, point.en) : text("现值", "as it is");
  const none = Boolean(point) && point.d === null;
  output.textContent = none ? `${said} ${text("无解", "impossible")}` : said;
  input.setAttribute("aria-valuetext", output.textContent);
  box.classList.toggle("moved", Boolean(at && at.lever === k));
  box.classList.toggle("impossible", none);
};
const showTrial = () => {
  levers.levers.forEach((_, k) => showLever(k));
  byId("trial-said").replaceChildren(...sentence(outcome()));
  byId("trial-caption").replaceChildren(...(at ? sentence(text("试算：", "Trial: ") + outcome()) : []));
  byId("reset").disabled = !at;
  byId("save").disabled = !at || !trial;
  bars();
};
const resting = (lever) => (lever.present === null ? -1 : lever.present);
const move = (k) => {
  const point = Number(inputs[k].input.value);
  inputs.forEach(({ input }, other) => {
    if (other !== k) input.value = resting(levers.levers[other]);
  });
  at = point === resting(levers.levers[k]) ? null : { lever: k, point };
  const chosen = at && levers.levers[k].points[point];
  trial = chosen && chosen.d !== null ? amountsOf(chosen) : null;
  showTrial();
  showTable();
};
const reset = () => {
  inputs.forEach(({ input }, k) => (input.value = resting(levers.levers[k])));
  at = trial = null;
  showTrial();
  showTable();
};
const save = () => {
  const point = levers.levers[at.lever].points[at.point];
  const link = element("a", { href: URL.createObjectURL(new Blob([point.yaml], { type: "application/yaml" })), download: "scenario.yaml" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
};

const kinds = { weight: ["因素权重", "Weights of factors"], rule: ["规则参数", "Parameters of rules"], budget: ["预算", "Budgets"] };
const nameLevers = () => {
  for (const heading of byId("levers").querySelectorAll("h3")) heading.textContent = say(kinds[heading.dataset.kind]);
  levers.levers.forEach((lever, k) => {
    inputs[k].called.replaceChildren(name(text(lever.zh, lever.en)));
    const ends = [lever.points[0], lever.points[lever.points.length - 1]];
    inputs[k].stops.replaceChildren(...ends.map((point) => element("span", {}, text(point.zh, point.en))));
  });
};
const buildLevers = () => {
  for (const kind of Object.keys(kinds)) {
    const own = levers.levers.map((lever, k) => [lever, k]).filter(([lever]) => lever.kind === kind);
    if (own.length) byId("levers").append(element("h3", { "data-kind": kind }));
    for (const [lever, k] of own) {
      const input = element("input", { type: "range", min: Math.min(0, resting(lever)), max: lever.points.length - 1, step: 1, value: resting(lever), id: `lever-${k}` });
      const called = element("span");
      const output = element("output", { for: `lever-${k}` });
      const stops = element("div", { class: "stops", "aria-hidden": "true" });
      const box = element("div", { class: "lever" }, element("label", { for: `lever-${k}` }, called, output), input, stops);
      input.addEventListener("input", () => move(k));
      inputs[k] = { input, output, box, called, stops };
      byId("levers").append(box);
    }
  }
};
if (levers) {
  buildLevers();
  byId("reset").addEventListener("click", reset);
  byId("save").addEventListener("click", save);
  for (const choice of panel.querySelectorAll("input[name=bars]")) choice.addEventListener("change", bars);
  redraws.push(() => {
    nameLevers();
    showTrial();
  });
}
