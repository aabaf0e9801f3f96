"use strict";
// Draws charts for paper: Vega-Lite in, SVG out. A form that many reports share is translated once and kept; each
// chart then brings only its rows, the ends of its axes and its height.
(() => {
  const kept = new Map();
  const quiet = { actions: false, tooltip: false, hover: false, defaultStyle: false, renderer: "none", logLevel: 1 };
  const place = () => document.createElement("div");

  async function translated(form, params, config, width) {
    const key = JSON.stringify([form, params.map((p) => p.name), config, width]);
    if (!kept.has(key)) {
      const data = form.data || { name: "rows" };
      const whole = { ...form, params, data, width, autosize: { type: "fit-x", contains: "padding" } };
      // What a screen reader is told stands beside the chart; inside it each mark would be a figure of its own.
      const made = await vegaEmbed(place(), whole, { ...quiet, mode: "vega-lite", config: { ...config, aria: false } });
      made.finalize();
      kept.set(key, made.vgSpec);
    }
    return kept.get(key);
  }

  // Roles, classes and empty frames say nothing on paper; the fonts are written once, on the chart.
  const lean = (svg, font) => svg
    .replace(/<path class="(?:background|foreground)"[^>]*d="(?:M0,0h0v0h0Z)?"[^>]*\/>/g, "")
    .replace(/ (?:role|aria-[a-z]+|class|pointer-events|font-family)="[^"]*"/g, "")
    .replace(/ opacity="1"/g, "")
    .replace("<svg ", `<svg font-family="${font.replace(/"/g, "&quot;")}" `);

  // The surround of a word, by which no line runs through it, is drawn as the outline of each letter. On paper a patch
  // behind the word does the same, in half the file.
  const ruler = document.createElement("canvas").getContext("2d");
  const outlined = new RegExp(
    '<text text-anchor="(\\w+)" transform="([^"]+)" font-size="([\\d.]+)px"( font-weight="bold")? ' +
    'fill="([^"]+)" stroke="\\5"[^>]*>([^<]*)</text>', "g");
  const patched = (svg, font) => svg.replace(outlined, (whole, anchor, at, size, bold, paper, words) => {
    if (!words) return "";
    ruler.font = `${bold ? "bold " : ""}${size}px ${font}`;
    const wide = ruler.measureText(words).width + 4;
    const left = { start: -2, middle: -wide / 2, end: 2 - wide }[anchor];
    const place = `x="${left.toFixed(1)}" y="${(-0.8 * size).toFixed(1)}" width="${wide.toFixed(1)}" height="${size}"`;
    return `<rect transform="${at}" ${place} rx="2" fill="${paper}"/>`;
  });

  async function draw({ form, height, datasets, params = [], width }, config) {
    const spec = await translated(height === undefined ? form : { ...form, height }, params, config, width);
    const given = new Map(params.map(({ name, value }) => [name, value]));
    const own = {
      ...spec,
      data: spec.data.map((d) => (datasets && d.name in datasets ? { ...d, values: datasets[d.name] } : d)),
      signals: (spec.signals || []).map((s) => (given.has(s.name) ? { ...s, value: given.get(s.name) } : s)),
    };
    const made = await vegaEmbed(place(), own, { ...quiet, mode: "vega" });
    const svg = await made.view.toSVG();
    made.finalize();
    return patched(lean(svg, config.font), config.font);
  }

  globalThis.drawCharts = (forms, charts, config) =>
    Promise.all(
      charts.map(({ form, datasets, params, height, width, ...rest }) =>
        draw({ form: form === undefined ? rest : forms[form], datasets, params, height, width }, config)
      )
    );
})();
