// The web page a user would write instead: the same page models, built as DOM once and then shown and hidden.
"use strict";

const models = Object.fromEntries(PAGES.map(page => [page.name, page]));
const round = PAGES.map(page => page.name).filter(name => name !== "starting");
const built = {};
let current = null;
let papersShown = 0;

function el(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  for (const child of children) if (child !== null && child !== undefined) node.append(child);
  return node;
}

function icon(name) {
  const holder = document.createElement("template");
  holder.innerHTML = (DRAWINGS[name] || "").replaceAll("{stroke}", "currentColor").replaceAll("{contrast}", "#FFFFFF").replaceAll("{accent}", "#E5A019");
  return holder.content.firstElementChild;
}

function button(action, className, withIcon = true) {
  const node = el("button", className, withIcon && action.icon ? icon(action.icon) : null, action.label);
  node.dataset.act = action.id;
  node.disabled = !action.is_enabled;
  return node;
}

function scene(model) {
  return el("div", "scene", icon("scene-" + model.kind));
}

function tiles(list) {
  return el("div", "tiles", ...list.map(tile => {
    const words = el("div", "", el("b", "", tile.title), el("span", "", tile.is_enabled ? tile.text : tile.reason),
      tile.badge ? el("i", "", tile.badge) : null);
    const node = el("button", "tile", tile.icon ? el("div", "disc", icon(tile.icon)) : null, words);
    node.dataset.act = tile.action;
    node.disabled = !tile.is_enabled;
    return node;
  }));
}

function facts(rows) {
  return el("div", "", ...rows.map(row => el("div", "fact", el("b", "", row.label), el("span", "", row.value))));
}

function card(section) {
  return el("div", "card", el("h2", "", section.title), facts(section.rows));
}

function pad(body, typed) {
  const keys = el("div", "pad", ...["1", "2", "3", "4", "5", "6", "7", "8", "9", "clear", "0", "delete"].map(key => {
    const label = key === "clear" ? body.clear_label : key === "delete" ? body.delete_label : key;
    const node = el("button", key.length > 1 ? "word" : "", label);
    node.dataset.key = key;
    return node;
  }));
  let value = "";
  keys.addEventListener("click", event => {
    const target = event.target.closest("button");
    if (!target) return;
    const key = target.dataset.key;
    value = key === "clear" ? "" : key === "delete" ? value.slice(0, -1) : value + key;
    value = typed(value);
  });
  typed("");
  return keys;
}

function groupedDigits(body) {
  const cells = [];
  const row = el("div", "digits");
  body.groups.forEach((size, place) => {
    if (place) row.append(el("i", "gap"));
    for (let i = 0; i < size; ++i) { const cell = el("i"); cells.push(cell); row.append(cell); }
  });
  const typed = value => {
    value = value.slice(0, cells.length);
    cells.forEach((cell, place) => {
      cell.textContent = place >= value.length ? "" : place === value.length - 1 ? value[place] : "\u2022";
      cell.className = place === value.length ? "next" : "";
    });
    return value;
  };
  return [row, pad(body, typed)];
}

function secretDigits(body) {
  const row = el("div", "pin", ...Array.from({ length: body.length }, () => el("i")));
  const typed = value => {
    value = value.slice(0, body.length);
    [...row.children].forEach((dot, place) => { dot.className = place < value.length ? "full" : ""; });
    return value;
  };
  return [row, pad(body, typed)];
}

function code(rows) {
  const canvas = el("canvas", "code");
  const unit = 8;
  canvas.width = canvas.height = (rows.length + 8) * unit;
  const pen = canvas.getContext("2d");
  rows.forEach((row, y) => [...row].forEach((module, x) => {
    if (module === "1") pen.fillRect((x + 4) * unit, (y + 4) * unit, unit, unit);
  }));
  return canvas;
}

function lines(texts, className = "hint") {
  return texts.map(text => el("p", className, text));
}

const bodies = {
  attract: body => [scene(body.scene), tiles(body.tiles),
    Object.assign(el("button", "call", icon("hand"), body.call), { id: "call" }), ...lines(body.lines)],
  menu: body => [tiles(body.tiles)],
  standard: body => [facts(body.facts), el("div", "card", body.free), el("p", "hint", body.consent)],
  scene: body => [scene(body.scene), el("p", "hint", body.hint)],
  pin: secretDigits,
  nik: groupedDigits,
  busy: body => [el("div", "ring"), ...lines([body.sentence, body.patience])],
  documents: body => [tiles(body.tiles)],
  review: body => body.sections.map(card),
  preview: body => {
    const picture = el("img");
    picture.src = "sheet.png";
    return [el("div", "sheet", picture), el("p", "hint", body.page_text), facts(body.facts)];
  },
  printing: body => {
    const done = el("div");
    done.style.width = 100 * body.done / body.total + "%";
    return [scene(body.scene), el("div", "progress", done), el("p", "hint", body.sentence)];
  },
  outcome: body => [el("div", "panel", el("div", "sign", icon("check")), el("div", "", ...lines(body.lines, ""))),
    body.scene ? scene(body.scene) : null],
  survey: body => [el("div", "faces", ...body.choices.map((choice, place) => {
    const node = button(choice, "", false);
    node.prepend(icon("face-" + (place + 1)));
    return node;
  }))],
  take: body => body.scenes.flatMap((model, place) => [scene(model), el("p", "hint", body.labels[place])]),
  "hand-over": body => [code(body.rows), ...lines(body.lines), el("p", "hint", body.address)],
  countdown: body => [el("div", "ring"), el("p", "hint", body.sentence)],
  text: body => [...lines(body.paragraphs), ...body.sections.map(card)],
  technician: body => [...body.devices.map(row => el("div", "fact", el("b", "", row.name),
    el("span", "", [row.state, row.reason, row.since].filter(Boolean).join(". ")))), facts(body.issues), facts(body.facts)],
};

function build(name) {
  if (built[name]) return built[name];
  const model = models[name];
  const strip = el("div", "strip", icon("emblem"), el("div", "names", el("b", "", model.strip.office), el("br"), model.strip.place),
    el("div", "state", el("b", "", model.strip.clock), el("br"), el("span", "dot"), model.strip.network_text));
  const bar = el("div", "bar");
  for (const [place, className] of [["back", "side"], ["home", "side"], ["second", "second"], ["main", "main"]])
    if (model[place]) bar.append(button(model[place], className));
  const content = el("div", "content", ...bodies[model.body.type](model.body).filter(Boolean));
  const page = el("div", "page p-" + model.body.type, strip,
    el("div", "controls", ...model.strip.controls.map(action => button(action, "", false))),
    el("div", "stages", ...model.dots.map(dot => el("div", dot.is_now ? "now" : dot.is_done ? "done" : "", dot.label))),
    el("div", "head", el("h1", "", model.title), el("p", "", model.lead)), content, bar);
  document.body.append(page);
  return built[name] = page;
}

function show(name) {
  const page = build(name);
  if (current) current.classList.remove("shown");
  page.classList.add("shown");
  current = page;
  current.name = name;
}

// A document that was never shown: the browser's own viewer opens it in the page.
function openPaper() {
  show("preview");
  const viewer = el("embed");
  viewer.type = "application/pdf";
  viewer.src = PAPERS[papersShown++ % PAPERS.length] + "#toolbar=0&navpanes=0&view=Fit";
  built.preview.querySelector(".sheet").replaceChildren(viewer);
}

function closePaper() {
  const picture = el("img");
  picture.src = "sheet.png";
  built.preview.querySelector(".sheet").replaceChildren(picture);
  show("documents");
}

document.body.addEventListener("click", event => {
  const act = event.target.closest("[data-act]");
  if (current.name !== "attract" && !act) return;
  if (current.name === "documents" && act.dataset.act === "doc:2") openPaper();
  else if (current.name === "preview" && act.dataset.act === "back") closePaper();
  else show(round[(round.indexOf(current.name) + 1) % round.length]);
});

// Where things are, for the harness: read once with --dump-dom, never while anything is measured.
function measure() {
  const box = node => { const r = node.getBoundingClientRect(); return [r.x, r.y, r.width, r.height].map(Math.round); };
  const layout = {};
  for (const page of PAGES) {
    show(page.name);
    const controls = {};
    for (const node of current.querySelectorAll("[data-act]")) controls[node.dataset.act] = box(node);
    for (const node of current.querySelectorAll("[data-key]")) controls["key-" + node.dataset.key] = box(node);
    if (page.name === "attract") controls.start = box(current.querySelector(".call"));
    const sheet = current.querySelector(".sheet");
    if (sheet) controls.picture = box(sheet);
    layout[page.name] = { title: box(current.querySelector("h1")), controls };
  }
  document.body.replaceChildren(el("pre", "", JSON.stringify(layout)));
}

const wish = location.hash.slice(1);
if (wish === "measure") {
  measure();
} else if (wish.startsWith("visits=")) {
  // Whole visits, one page a frame, for the comparison of memory.
  let left = Number(wish.slice(7)) * VISIT.length;
  show(VISIT[0]);
  const step = () => {
    if (left-- <= 0) { show("attract"); return; }
    show(VISIT[left % VISIT.length]);
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
} else {
  show(wish || "attract");
}

// The other pages are built when nobody touches, as the kiosk does.
let next = 0;
function warm() {
  if (wish === "measure" || next >= round.length) return;
  build(round[next++]);
  requestIdleCallback(warm);
}
requestIdleCallback(warm);
