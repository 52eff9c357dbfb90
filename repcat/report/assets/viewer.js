
"use strict";
// The viewer: a NiiVue panel a volume, one crosshair for all of them.
(() => {
  const { Niivue, NVImage } = window.niivue;
  const root = document.documentElement;
  const find = (id) => document.getElementById(id);
  const { scenes, axes } = JSON.parse(find("scenes").textContent);
  const figures = Array.from(document.querySelectorAll(".panels > figure"));
  const panels = [];
  const off = new Set(); // panels that the reader has closed
  const signs = [-1, -1, 1]; // NIfTI's world is RAS, repcat's LPS
  const state = { scene: 0, window: [-1000, 1000], top: 500, at: [0, 0, 0], turning: false };
  const memory = new Map();

  const unpack = async (id) => {
    if (!memory.has(id)) {
      const bytes = Uint8Array.from(atob(find(id).textContent), (c) => c.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      memory.set(id, await new Response(stream).arrayBuffer());
    }
    return memory.get(id).slice(0); // NiiVue keeps what it is given
  };

  const HEADER = 352; // NIfTI-1 with its four bytes of extension; voxels follow as int16
  const between = async (one, other) => {
    const [made, against] = [await unpack(one), await unpack(other)];
    const [a, b] = [new Int16Array(made, HEADER), new Int16Array(against, HEADER)];
    for (let k = 0; k < a.length; k++) a[k] = Math.min(32767, Math.abs(a[k] - b[k]));
    return made;
  };

  const limits = (layer) => (layer.error ? [0, state.top] : state.window);
  const image = async (layer, layers) => {
    const buffer = layer.error
      ? await between(...layer.error.map((n) => layers[n].volume))
      : await unpack(layer.volume);
    const colours = layer.error ? "inferno" : "gray";
    return NVImage.new(buffer, "volume.nii", colours, 1, null, ...limits(layer));
  };

  const panel = async (figure) => {
    const nv = new Niivue({
      isRadiologicalConvention: true, // the patient's right on the image's left
      sagittalNoseLeft: true,
      isNearestInterpolation: false,
      multiplanarShowRender: 1,
      multiplanarLayout: 2,
      showAllOrientationMarkers: true,
      crosshairColor: [0.35, 0.85, 1, 0.75],
      crosshairWidth: 0.35,
      crosshairWidthUnit: "percent",
      crosshairGap: 10,
      fontColor: [1, 0.85, 0.4, 1],
      fontMinPx: 17,
      fontSizeScaling: 0.1,
      multiplanarPadPixels: 4,
      dragMode: 3,
      scrollRequiresFocus: true,
      dragAndDropEnabled: false,
      loadingText: "",
      logLevel: "error",
      isAntiAlias: false,
    });
    await nv.attachToCanvas(figure.querySelector("canvas"));
    nv.onLocationChange = (told) => moveTo(Array.from(told.mm).slice(0, 3));
    nv.onAzimuthElevationChange = (a, e) => turn(nv, a, e);
    return { nv, figure, layer: null };
  };

  const used = () => panels.filter((p) => p.layer);
  const open = () => used().filter((p) => !off.has(p.layer.name));

  // Extent of a volume in mm along x, y, z from its middle to its outermost voxel's centre.
  const reach = () => {
    const { dimsRAS, pixDimsRAS } = used()[0].nv.volumes[0];
    return [1, 2, 3].map((k) => ((dimsRAS[k] - 1) / 2) * pixDimsRAS[k]);
  };

  const moveTo = (mm) => {
    if (state.moving) return;
    state.moving = true;
    const far = reach();
    state.at = mm.map((v, k) => Math.max(-far[k], Math.min(far[k], v)));
    for (const { nv } of used()) {
      nv.scene.crosshairPos = nv.mm2frac(state.at);
      nv.drawScene();
    }
    state.moving = false;
    tell();
  };

  const turn = (from, azimuth, elevation) => {
    if (state.turning) return;
    state.turning = true;
    for (const { nv } of used()) if (nv !== from) nv.setRenderAzimuthElevation(azimuth, elevation);
    state.turning = false;
  };

  const value = ({ nv }) => {
    const [volume] = nv.volumes;
    const [x, y, z] = volume.mm2vox(state.at);
    return Math.round(volume.getValue(x, y, z));
  };

  let waiting = 0;
  const tell = () => {
    const words = state.at.map((mm, k) => {
      const lps = Math.round(signs[k] * mm);
      return `${Math.abs(lps)} mm ${lps >= 0 ? axes[k][2] : axes[k][3]}`;
    });
    const values = used().map((p) => [p, value(p)]);
    for (const [p, hu] of values) p.figure.querySelector(".value").textContent = `${hu} HU`;
    axes.forEach(([axis], k) => {
      const slider = find(`at-${axis}`);
      slider.value = signs[k] * state.at[k];
      slider.setAttribute("aria-valuetext", words[k]);
    });
    root.dataset.at = state.at.map((v, k) => (signs[k] * v).toFixed(1)).join(" ");
    clearTimeout(waiting); // a screen reader hears where the crosshair stops
    const said = values.map(([p, hu]) => `${p.layer.name} ${hu} HU`).join(", ");
    waiting = setTimeout(() => { find("status").textContent = `${words.join(", ")}: ${said}`; }, 150);
  };

  const shade = () => {
    for (const { nv, layer } of used()) {
      [nv.volumes[0].cal_min, nv.volumes[0].cal_max] = limits(layer);
      nv.updateGLVolume();
    }
  };

  const arrange = () => {
    for (const p of panels) p.figure.hidden = !p.layer || off.has(p.layer.name);
    document.querySelector(".panels").classList.toggle("one", open().length === 1);
    for (const button of find("shown").querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(!off.has(button.value)));
    }
    for (const { nv } of open()) {
      nv.resizeListener();
      nv.drawScene();
    }
  };

  const offer = (layers) => {
    find("shown").replaceChildren(Object.assign(document.createElement("span"), { textContent: "Panels" }));
    for (const { name } of layers) {
      const button = Object.assign(document.createElement("button"), { type: "button", value: name, textContent: name });
      button.addEventListener("click", () => {
        if (off.has(name)) off.delete(name);
        else if (open().length > 1) off.add(name);
        arrange();
      });
      find("shown").append(button);
    }
  };

  const show = async (number) => {
    const { layers, name } = scenes[number];
    state.scene = number;
    for (const [k, p] of panels.entries()) {
      while (p.nv.volumes.length) p.nv.removeVolume(p.nv.volumes[0]);
      p.layer = layers[k] ?? null;
      if (!p.layer) continue;
      p.nv.addVolume(await image(p.layer, layers));
      p.figure.querySelector(".name").textContent = p.layer.name;
      p.nv.canvas.setAttribute("aria-label", `${p.layer.name} of ${name}`);
    }
    const far = reach();
    axes.forEach(([axis], k) => Object.assign(find(`at-${axis}`), { min: -far[k], max: far[k] }));
    offer(layers);
    mark(number);
    arrange();
    moveTo(state.at);
    root.dataset.shown = number;
  };

  const mark = (number) => {
    find("patient").value = number;
    for (const part of document.querySelectorAll("[data-scene]")) part.hidden = Number(part.dataset.scene) !== number;
    for (const button of document.querySelectorAll("[data-show]")) {
      const on = Number(button.dataset.show) === number;
      button.setAttribute("aria-pressed", String(on));
      button.closest("tr").classList.toggle("chosen", on);
    }
  };

  const press = (name, value) => {
    for (const b of document.querySelectorAll(`[data-set="${name}"]`)) b.setAttribute("aria-pressed", String(b.value === value));
  };
  const setWindow = (low, high) => {
    if (!(high > low)) return;
    state.window = [low, high];
    [find("low").value, find("high").value] = state.window;
    press("window", `${low},${high}`);
    shade();
  };
  const setPlane = (value) => {
    press("plane", value);
    for (const { nv } of panels) nv.setSliceType(Number(value));
  };

  const steps = { ArrowLeft: [1, 0, 0], ArrowRight: [-1, 0, 0], ArrowUp: [0, 0, 1], ArrowDown: [0, 0, -1], PageUp: [0, 1, 0], PageDown: [0, -1, 0] };
  const keyed = (event) => {
    event.stopImmediatePropagation(); // NiiVue's own keys would change panels apart
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = steps[event.key];
    if (event.type !== "keydown" || !(step || event.key === "Home")) return;
    event.preventDefault();
    const pitch = used()[0].nv.volumes[0].pixDimsRAS;
    moveTo(step ? state.at.map((v, k) => v + step[k] * pitch[k + 1]) : [0, 0, 0]);
  };

  const wire = () => {
    for (const b of document.querySelectorAll("[data-set]")) {
      b.addEventListener("click", () => b.dataset.set === "plane" ? setPlane(b.value) : setWindow(...b.value.split(",").map(Number)));
    }
    for (const id of ["low", "high"]) find(id).addEventListener("change", () => setWindow(Number(find("low").value), Number(find("high").value)));
    find("error-top")?.addEventListener("change", (e) => { state.top = Number(e.target.value); shade(); });
    find("patient").addEventListener("change", (e) => show(Number(e.target.value)));
    for (const b of document.querySelectorAll("[data-show]")) b.addEventListener("click", () => show(Number(b.dataset.show)));
    axes.forEach(([axis], k) => find(`at-${axis}`).addEventListener("input", (e) => moveTo(state.at.with(k, signs[k] * Number(e.target.value)))));
    for (const kind of ["keydown", "keyup"]) document.querySelector(".panels").addEventListener(kind, keyed, true);
  };

  const start = async () => {
    for (const figure of figures) figure.hidden = false; // a canvas needs a size
    for (const figure of figures) panels.push(await panel(figure));
    if (window.innerWidth <= 700) scenes[0].layers.slice(1).forEach(({ name }) => off.add(name));
    for (const { nv } of panels) nv.setRenderAzimuthElevation(200, 10);
    wire();
    await show(0);
    root.dataset.viewer = "ready";
  };
  start().catch((error) => {
    root.dataset.viewer = "failed";
    find("status").textContent = `The viewer cannot run here (${error.message}); it needs WebGL 2.`;
  });
})();
