"use strict";
// Draws the page's charts: each when it comes near the screen, and all of them before printing.
// The drawing library travels inside the page, deflated; it is unpacked here, without any network.
(() => {
  const root = document.documentElement;
  root.classList.remove("no-script");
  const looks = JSON.parse(document.getElementById("looks").textContent);
  const forms = JSON.parse(document.getElementById("forms").textContent);
  const charts = [...document.querySelectorAll(".chart")];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const drawn = new Map();

  // Inflate (RFC 1951), written out because a page must be able to draw at once, before it is printed;
  // the browser's own DecompressionStream answers too late for that.
  function inflate(bytes, length) {
    const out = new Uint8Array(length);
    let at = 0, bit = 0, end = 0;
    const take = (n) => {
      let value = 0;
      for (let i = 0; i < n; i++, bit++) value |= ((bytes[bit >> 3] >> (bit & 7)) & 1) << i;
      return value;
    };
    const code = (lengths) => {
      const counts = new Uint16Array(16), next = new Uint16Array(16), symbols = new Uint16Array(lengths.length);
      for (const l of lengths) if (l) counts[l]++;
      for (let l = 1; l < 16; l++) next[l] = next[l - 1] + counts[l - 1];
      lengths.forEach((l, symbol) => { if (l) symbols[next[l]++] = symbol; });
      return { counts, symbols };
    };
    const decode = ({ counts, symbols }) => {
      let value = 0, first = 0, index = 0;
      for (let l = 1; l < 16; l++) {
        value |= (bytes[bit >> 3] >> (bit & 7)) & 1;
        bit++;
        if (value - counts[l] < first) return symbols[index + value - first];
        index += counts[l];
        first = (first + counts[l]) << 1;
        value <<= 1;
      }
      throw new Error("the drawing library is damaged");
    };
    // Base values of the length and distance codes, from their numbers of extra bits (RFC 1951, 3.2.5).
    const bases = (extra, start) => extra.map((e) => { const b = start; start += 1 << e; return b; });
    const lengthExtra = [...Array(28).keys()].map((i) => (i < 8 ? 0 : (i >> 2) - 1)).concat(0);
    const lengthBase = bases(lengthExtra.slice(0, 28), 3).concat(258);
    const distanceExtra = [...Array(30).keys()].map((i) => (i < 4 ? 0 : (i >> 1) - 1));
    const distanceBase = bases(distanceExtra, 1);
    const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    const fixed = [
      code([...Array(288).keys()].map((i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8))),
      code(Array(30).fill(5)),
    ];
    while (!end) {
      end = take(1);
      const kind = take(2);
      if (kind === 0) {
        bit = (bit + 7) & ~7;
        const n = take(16);
        bit += 16;
        out.set(bytes.subarray(bit >> 3, (bit >> 3) + n), at);
        at += n;
        bit += n * 8;
        continue;
      }
      let codes = fixed;
      if (kind === 2) {
        const literals = take(5) + 257, distances = take(5) + 1, short = Array(19).fill(0);
        for (let i = take(4) + 4, k = 0; k < i; k++) short[order[k]] = take(3);
        const lengths = [], shortCode = code(short);
        while (lengths.length < literals + distances) {
          const s = decode(shortCode);
          if (s < 16) lengths.push(s);
          else {
            const value = s === 16 ? lengths[lengths.length - 1] : 0;
            const times = s === 16 ? 3 + take(2) : s === 17 ? 3 + take(3) : 11 + take(7);
            for (let i = 0; i < times; i++) lengths.push(value);
          }
        }
        codes = [code(lengths.slice(0, literals)), code(lengths.slice(literals))];
      }
      for (;;) {
        const s = decode(codes[0]);
        if (s < 256) { out[at++] = s; continue; }
        if (s === 256) break;
        const n = lengthBase[s - 257] + take(lengthExtra[s - 257]);
        const d = decode(codes[1]);
        const back = distanceBase[d] + take(distanceExtra[d]);
        for (let i = 0; i < n; i++, at++) out[at] = out[at - back];
      }
    }
    return out;
  }

  // Five letters of 85 are four bytes (kit/reports/packed.py).
  function unpacked(text) {
    const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%/()*+-;,=.?@^_`{|}~";
    const value = new Uint8Array(128), bytes = new Uint8Array(Math.ceil(text.length / 5) * 4);
    [...letters].forEach((letter, i) => (value[letter.charCodeAt(0)] = i));
    for (let i = 0, at = 0; i < text.length; i += 5, at += 4) {
      let n = 0;
      for (let k = i; k < i + 5; k++) n = n * 85 + (k < text.length ? value[text.charCodeAt(k)] : 84);
      for (let k = 3; k >= 0; k--, n = Math.floor(n / 256)) bytes[at + k] = n % 256;
    }
    return bytes;
  }

  function library() {
    if (!window.vegaEmbed) {
      const packed = document.getElementById("drawing");
      const bytes = unpacked(packed.textContent.trim());
      const script = document.createElement("script");
      script.textContent = "(()=>{" + new TextDecoder().decode(inflate(bytes, +packed.dataset.length)) + "})();";
      document.head.append(script);
      script.remove();
    }
    return window.vegaEmbed;
  }

  const inDark = (text) => text.replace(/#[0-9a-f]{6}/g, (c) => looks.dark[c] || c);

  function draw(chart, night) {
    if (drawn.get(chart) === night) return;
    drawn.set(chart, night);
    const paint = night ? inDark : (text) => text;
    const { form: shared, ...own } = JSON.parse(chart.querySelector("script").textContent);
    const { datasets, ...form } = { ...forms[shared], ...own };
    const painted = { ...JSON.parse(paint(JSON.stringify(form))), datasets };
    let place = chart.querySelector("div");
    if (!place) { place = document.createElement("div"); chart.append(place); }
    library()(place, painted, {
      ast: true, actions: false, renderer: "svg", mode: "vega-lite",
      config: JSON.parse(paint(JSON.stringify(looks.config))),
      tooltip: { theme: night ? "dark" : "light" },
    }).then(() => {
      chart.dataset.drawn = "yes";
      chart.style.minHeight = "";
    }).catch((error) => {
      console.error(error);
      chart.dataset.drawn = "no";
      chart.closest("figure").querySelector("details").open = true;
    });
  }

  const near = new IntersectionObserver((seen) => {
    for (const entry of seen) if (entry.isIntersecting) { near.unobserve(entry.target); draw(entry.target, dark.matches); }
  }, { rootMargin: "800px 0px" });
  charts.forEach((chart) => near.observe(chart));

  dark.addEventListener("change", () => [...drawn.keys()].forEach((chart) => draw(chart, dark.matches)));
  // Paper is light and narrow: draw everything once for it, and again for the screen afterwards.
  addEventListener("beforeprint", () => {
    root.classList.add("printing");
    drawn.clear();
    charts.forEach((chart) => draw(chart, false));
  });
  addEventListener("afterprint", () => {
    root.classList.remove("printing");
    drawn.clear();
    charts.forEach((chart) => draw(chart, dark.matches));
  });
})();
