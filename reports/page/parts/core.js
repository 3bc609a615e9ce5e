// What all parts share: data, language, figures, and elements made of text alone.
const page = document.documentElement;
page.classList.add("js");
const byId = (id) => document.getElementById(id);
const read = (name) => {
  const block = byId(`data-${name}`);
  return block ? JSON.parse(block.textContent) : null;
};
const later = (name) => {
  let found;
  return () => (found === undefined ? (found = read(name)) : found);
};
const chinese = () => page.lang.startsWith("zh");
const say = (pair) => (typeof pair === "string" ? pair : pair[chinese() ? 0 : 1]);
const text = (zh, en) => (chinese() ? zh : en);
const redraws = [];

const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};
const drawn = (tag, attributes = {}, words) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (words !== undefined) made.textContent = words;
  return made;
};
const name = (words) => {
  const made = element("bdi", {}, words);
  if (/[\u3400-\u9fff]/.test(words)) made.lang = "zh";
  return made;
};
// Words written from right to left stand isolated, so that the figures around them stay in place.
const sentence = (words) =>
  words
    .split(/([\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc](?:[\s\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc])?)/)
    .map((piece, k) => (k % 2 ? name(piece) : piece));

// A whole number of `places` decimal places, rounded half away from zero to `shown` places.
const money = (value, places, shown, sign) => {
  if (value === null || value === undefined) return "–";
  let whole = value < 0n ? -value : value;
  if (shown < places) {
    const cut = 10n ** BigInt(places - shown);
    whole = (2n * whole + cut) / (2n * cut);
  } else {
    whole *= 10n ** BigInt(shown - places);
  }
  const digits = String(whole).padStart(shown + 1, "0");
  const units = digits.slice(0, digits.length - shown).replace(/\B(?=(\d{3})+$)/g, ",");
  const lead = whole === 0n ? "" : value < 0n ? "−" : sign ? "+" : "";
  return lead + units + (shown ? `.${digits.slice(-shown)}` : "");
};
// part / whole as a percentage with one place, rounded half away from zero.
const percent = (part, whole, sign) => {
  if (part === null || whole === null || whole === 0n) return "–";
  const negative = part < 0n !== whole < 0n;
  const up = 1000n * (part < 0n ? -part : part);
  const down = whole < 0n ? -whole : whole;
  const tenths = (2n * up + down) / (2n * down);
  return `${money(negative ? -tenths : tenths, 1, 1, sign)}%`;
};
