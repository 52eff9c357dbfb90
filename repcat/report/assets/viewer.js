
"use strict";
// The panels: NiiVue once a volume, one crosshair, one turn and one window for all of them.
Object.assign(window.repcat, (() => {
  const root = document.documentElement;
  const find = (id) => document.getElementById(id);
  const { scenes, axes } = JSON.parse(find("scenes").textContent);
  const signs = [-1, -1, 1]; // NIfTI's world is RAS, repcat's LPS
  const panels = [];
  const off = new Set(); // names of panels that the reader has closed
  const state = { window: [-1000, 1000], top: 500, at: [0, 0, 0], busy: false };

  const options = {
    isRadiologicalConvention: true, // the patient's right on the image's left
    sagittalNoseLeft: true,
    multiplanarShowRender: 1,
    multiplanarLayout: 2,
    multiplanarPadPixels: 4,
    showAllOrientationMarkers: true,
    crosshairColor: [0.35, 0.85, 1, 0.75],
    crosshairWidth: 0.8,
    crosshairWidthUnit: "percent",
    crosshairGap: 10,
    fontColor: [1, 0.85, 0.4, 1],
    fontMinPx: 17,
    fontSizeScaling: 0.1,
    dragMode: 3,
    scrollRequiresFocus: true, // the wheel scrolls the page until a panel is chosen
    dragAndDropEnabled: false,
    loadingText: "",
    logLevel: "error",
    isAntiAlias: false,
  };

  const used = () => panels.filter((p) => p.layer);
  const open = () => used().filter((p) => !off.has(p.layer.name));
  const limits = (layer) => (layer.error ? [0, state.top] : state.window);

  // One thing done to all panels; what they report of it meanwhile is not done again.
  const together = (change) => {
    if (state.busy) return;
    state.busy = true;
    used().forEach(change);
    state.busy = false;
  };

  const add = async (figure) => {
    const nv = new window.niivue.Niivue(options);
    await nv.attachToCanvas(figure.querySelector("canvas"));
    nv.onLocationChange = (told) => state.busy || moveTo(Array.from(told.mm).slice(0, 3));
    nv.onAzimuthElevationChange = (a, e) =>
      together((p) => p.nv === nv || p.nv.setRenderAzimuthElevation(a, e));
    panels.push({ nv, figure, layer: null });
  };

  // From the middle to the outermost voxel's centre, in mm along x, y, z.
  const reach = () => {
    const { dimsRAS, pixDimsRAS } = used()[0].nv.volumes[0];
    return [1, 2, 3].map((k) => ((dimsRAS[k] - 1) / 2) * pixDimsRAS[k]);
  };

  const moveTo = (mm) => {
    const far = reach();
    state.at = mm.map((v, k) => Math.max(-far[k], Math.min(far[k], v)));
    together(({ nv }) => {
      nv.scene.crosshairPos = nv.mm2frac(state.at);
      nv.drawScene();
    });
    tell();
  };

  const step = (ways) => {
    const pitch = used()[0].nv.volumes[0].pixDimsRAS;
    moveTo(state.at.map((v, k) => v + ways[k] * pitch[k + 1]));
  };

  const value = ({ nv }) => {
    const [volume] = nv.volumes;
    return Math.round(volume.getValue(...volume.mm2vox(state.at)));
  };

  let waiting = 0;
  const tell = () => {
    const lps = state.at.map((mm, k) => signs[k] * mm);
    const words = lps.map(Math.round).map((mm, k) => mm ? `${Math.abs(mm)} mm ${mm > 0 ? axes[k][2] : axes[k][3]}` : "");
    const place = words.filter(Boolean).join(", ") || "the middle of the volume";
    const values = used().map((p) => [p, value(p)]);
    for (const [p, hu] of values) p.figure.querySelector(".value").textContent = `${hu} HU`;
    axes.forEach(([axis], k) => {
      const slider = find(`at-${axis}`);
      slider.value = lps[k];
      slider.setAttribute("aria-valuetext", words[k] || "in the middle");
    });
    root.dataset.at = lps.map((mm) => mm.toFixed(1)).join(" ");
    const said = values.map(([p, hu]) => `${p.layer.name} ${hu} HU`).join(", ");
    clearTimeout(waiting); // a screen reader hears where the crosshair stops, not the way there
    waiting = setTimeout(() => { find("status").textContent = `${place}: ${said}`; }, 150);
  };

  const shade = (change) => {
    Object.assign(state, change);
    for (const { nv, layer } of used()) {
      [nv.volumes[0].cal_min, nv.volumes[0].cal_max] = limits(layer);
      nv.updateGLVolume();
    }
  };

  // Show the panels that are open at the size they now have.
  const arrange = () => {
    for (const p of panels) p.figure.classList.toggle("closed", !p.layer || off.has(p.layer.name));
    document.querySelector(".panels").classList.toggle("one", open().length === 1);
    for (const { nv } of open()) {
      nv.resizeListener();
      nv.drawScene();
    }
  };

  const toggle = (name) => {
    if (off.has(name)) off.delete(name);
    else if (open().length > 1) off.add(name);
    arrange();
    return !off.has(name);
  };

  const show = async (number) => {
    const { layers, name } = scenes[number];
    for (const [k, p] of panels.entries()) {
      while (p.nv.volumes.length) p.nv.removeVolume(p.nv.volumes[0]);
      p.layer = layers[k] ?? null;
      if (!p.layer) continue;
      p.nv.addVolume(await window.repcat.image(p.layer, layers, limits(p.layer)));
      p.figure.querySelector(".name").textContent = p.layer.name;
      p.nv.canvas.setAttribute("aria-label", `${p.layer.name} of ${name}`);
    }
    if (!open().length) off.clear();
    arrange();
    moveTo(state.at);
  };

  return { scenes, axes, signs, panels, off, state, add, show, moveTo, step, shade, toggle, reach };
})());
