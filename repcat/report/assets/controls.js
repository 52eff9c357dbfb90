
"use strict";
// Buttons, sliders, keys and the table's choice of a patient, wired to the panels.
(() => {
  const { scenes, axes, signs, panels, off, state, ...viewer } = window.repcat;
  const root = document.documentElement;
  const find = (id) => document.getElementById(id);
  const all = (what) => Array.from(document.querySelectorAll(what));

  const press = (name, value) => {
    for (const b of all(`[data-set="${name}"]`)) b.setAttribute("aria-pressed", String(b.value === value));
  };

  const setWindow = (low, high) => {
    if (!(high > low)) return;
    [find("low").value, find("high").value] = [low, high];
    press("window", `${low},${high}`);
    viewer.shade({ window: [low, high] });
  };

  const setPlane = (value) => {
    press("plane", value);
    for (const { nv } of panels) nv.setSliceType(Number(value));
  };

  // A button for each panel of a scene; at least one stays open.
  const offer = (layers) => {
    const made = layers.map(({ name }) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: name });
      button.setAttribute("aria-pressed", String(!off.has(name)));
      button.addEventListener("click", () => button.setAttribute("aria-pressed", String(viewer.toggle(name))));
      return button;
    });
    const label = Object.assign(document.createElement("span"), { textContent: "Panels" });
    find("shown").replaceChildren(label, ...made);
    find("shown").hidden = layers.length < 2;
  };

  const choose = async (number) => {
    await viewer.show(number);
    const far = viewer.reach();
    axes.forEach(([axis], k) => Object.assign(find(`at-${axis}`), { min: -far[k], max: far[k], value: signs[k] * state.at[k] }));
    offer(scenes[number].layers);
    find("patient").value = number;
    for (const part of all("[data-scene]")) part.hidden = Number(part.dataset.scene) !== number;
    for (const button of all("[data-show]")) {
      const on = Number(button.dataset.show) === number;
      button.setAttribute("aria-pressed", String(on));
      button.closest("tr").classList.toggle("chosen", on);
    }
    root.dataset.shown = number;
  };

  // Along x, y, z of RAS: the image's left is the patient's right.
  const steps = {
    ArrowLeft: [1, 0, 0], ArrowRight: [-1, 0, 0], ArrowUp: [0, 0, 1], ArrowDown: [0, 0, -1],
    PageUp: [0, 1, 0], PageDown: [0, -1, 0],
  };
  const keyed = (event) => {
    event.stopImmediatePropagation(); // NiiVue's own keys would change one panel alone
    const known = event.key === "Home" || event.key in steps;
    if (event.type !== "keydown" || !known || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (event.key === "Home") viewer.moveTo([0, 0, 0]);
    else viewer.step(steps[event.key]);
  };

  const wire = () => {
    for (const b of all('[data-set="window"]')) b.addEventListener("click", () => setWindow(...b.value.split(",").map(Number)));
    for (const b of all('[data-set="plane"]')) b.addEventListener("click", () => setPlane(b.value));
    for (const b of all("[data-show]")) b.addEventListener("click", () => choose(Number(b.dataset.show)));
    for (const id of ["low", "high"]) find(id).addEventListener("change", () => setWindow(Number(find("low").value), Number(find("high").value)));
    find("error-top")?.addEventListener("change", (e) => viewer.shade({ top: Number(e.target.value) }));
    find("patient").addEventListener("change", (e) => choose(Number(e.target.value)));
    axes.forEach(([axis], k) => find(`at-${axis}`).addEventListener("input", (e) =>
      viewer.moveTo(state.at.map((v, n) => (n === k ? signs[k] * Number(e.target.value) : v)))));
    for (const kind of ["keydown", "keyup"]) document.querySelector(".panels").addEventListener(kind, keyed, true);
  };

  const start = async () => {
    for (const figure of all(".panels > figure")) await viewer.add(figure);
    if (window.innerWidth <= 700) scenes[0].layers.slice(1).forEach(({ name }) => off.add(name));
    for (const { nv } of panels) nv.setRenderAzimuthElevation(200, 10);
    wire();
    await choose(0);
    root.dataset.viewer = "ready";
  };

  start().catch((error) => {
    root.dataset.viewer = "failed";
    find("status").textContent = `The viewer cannot run here (${error.message}); it needs WebGL 2.`;
  });
})();
