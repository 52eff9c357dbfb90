
"use strict";
// Volumes from the page's own text: unpacked once, shown as NiiVue wants them.
window.repcat = (() => {
  const HEADER = 352; // NIfTI-1 with its four bytes of extension; voxels follow as int16
  const memory = new Map();

  const unpack = async (id) => {
    if (!memory.has(id)) {
      const text = document.getElementById(id).textContent;
      const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      memory.set(id, await new Response(stream).arrayBuffer());
    }
    return memory.get(id).slice(0); // NiiVue keeps what it is given
  };

  const difference = async (one, other) => {
    const [made, against] = [await unpack(one), await unpack(other)];
    const [a, b] = [new Int16Array(made, HEADER), new Int16Array(against, HEADER)];
    for (let k = 0; k < a.length; k++) a[k] = Math.min(32767, Math.abs(a[k] - b[k]));
    return made;
  };

  // A layer of a scene as an image, black and white at the limits.
  const image = async (layer, layers, limits) => {
    const buffer = layer.error
      ? await difference(...layer.error.map((n) => layers[n].volume))
      : await unpack(layer.volume);
    const colours = layer.error ? "inferno" : "gray";
    return window.niivue.NVImage.new(buffer, "volume.nii", colours, 1, null, ...limits);
  };

  return { image };
})();
