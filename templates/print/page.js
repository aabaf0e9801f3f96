"use strict";
// What the press asks of a page that is laid out for paper. Each is a function of its own, called from outside: the
// page itself runs no script.
({
  // The width of each chart that is still to be drawn, and the words that the outline and the page's head need.
  read() {
    const words = (element) => {
      const copy = element.cloneNode(true);
      copy.querySelectorAll("[aria-hidden=true]").forEach((hidden) => hidden.remove());
      return copy.textContent.replace(/\s+/g, " ").trim();
    };
    // A picture with words of its own is a figure on paper, so what is drawn in it belongs to it.
    document.querySelectorAll("[role=img] svg[aria-hidden=true]").forEach((drawn) => drawn.removeAttribute("aria-hidden"));
    const first = (selector) => { const found = document.querySelector(selector); return found ? words(found) : ""; };
    return {
      widths: [...document.querySelectorAll("[data-press]")].map((chart) => Math.floor(chart.clientWidth)),
      headings: [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")]
        .filter((heading) => heading.getClientRects().length).map(words).filter(Boolean),
      title: document.title,
      name: first("h1"),
      about: first(".eyebrow"),
      language: document.documentElement.lang,
      direction: document.documentElement.dir || "ltr",
    };
  },

  // A drawn chart becomes one picture with its words: it cannot be cut in two, and is one figure for a screen reader.
  async fill(charts) {
    document.querySelectorAll("[data-press]").forEach((chart, i) => {
      const picture = new Image();
      picture.alt = chart.getAttribute("aria-label") || "";
      picture.style.cssText = "display:block;width:100%;height:auto";
      picture.src = "data:image/svg+xml," + encodeURIComponent(charts[i]);
      chart.removeAttribute("role");
      chart.removeAttribute("aria-label");
      chart.style.minHeight = "";
      chart.replaceChildren(picture);
    });
    // Not by their load event: a page that runs nothing hears none.
    await Promise.all([...document.images].map((picture) => picture.decode()));
    return document.images.length;
  },
})
