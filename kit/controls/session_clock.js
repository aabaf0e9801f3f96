"use strict";
// The clock of a session, as the room sees it: what runs, how long it still has, what is next, late or early.
// The agenda comes from a file that people edit: all of it is set as text, never as HTML.
const make = (tag, look, text) => {
  const e = document.createElement(tag);
  if (look) e.className = look;
  if (text !== undefined) e.textContent = text;
  return e;
};
const button = (text, act) => {
  const b = make("button", "", text);
  b.type = "button";
  b.addEventListener("click", act);
  return b;
};
const clock = (seconds) => {
  const s = Math.abs(Math.trunc(seconds));
  const minutes = `${Math.trunc(s / 60)}:${String(s % 60).padStart(2, "0")}`;
  return seconds < 0 ? `−${minutes}` : minutes;
};
const sum = (parts) => parts.reduce((all, p) => all + p.minutes, 0);

function gentleSound() {
  // Two soft notes that fade; a browser that does not allow sound stays silent.
  try {
    const audio = new AudioContext();
    [523.25, 659.25].forEach((pitch, i) => {
      const note = audio.createOscillator(), loud = audio.createGain(), at = audio.currentTime + i * 0.35;
      note.frequency.value = pitch;
      loud.gain.setValueAtTime(0, at);
      loud.gain.linearRampToValueAtTime(0.12, at + 0.05);
      loud.gain.exponentialRampToValueAtTime(0.0001, at + 1.2);
      note.connect(loud).connect(audio.destination);
      note.start(at);
      note.stop(at + 1.3);
    });
    setTimeout(() => audio.close(), 2500);
  } catch { /* no sound here */ }
}

function render({ model, el }) {
  const words = model.get("words");
  const root = make("section", "kit-session");
  root.setAttribute("aria-label", words.session);
  const head = make("header"), title = make("h3", "", model.get("title")), hands = make("div", "hands");
  const now = make("div", "now"), time = make("p", "time"), state = make("p", "state"), bar = make("div", "bar");
  const fill = make("div", "fill"), says = make("div", "says"), list = make("ol", "parts");
  state.setAttribute("role", "status");
  time.setAttribute("role", "timer");
  bar.setAttribute("aria-hidden", "true");
  bar.append(fill);
  head.append(title, hands);
  now.append(time, state, bar);
  root.append(head, now, says, list);
  el.append(root);

  let told = null;
  const set = (name, value) => { model.set(name, value); model.save_changes(); };
  const step = () => {
    const began = model.get("began");
    if (began.length < model.get("parts").length) set("began", [...began, Date.now()]);
    else set("ended", Date.now());
    told = null;
  };
  const back = () => {
    if (model.get("ended")) set("ended", 0);
    else set("began", model.get("began").slice(0, -1));
    told = null;
  };

  function standing() {
    const parts = model.get("parts"), began = model.get("began"), ended = model.get("ended");
    if (!began.length || ended) return null;
    const i = began.length - 1, at = Date.now() / 1000, start = began[i] / 1000;
    const left = start + parts[i].minutes * 60 - at;
    const late = Math.max(start + parts[i].minutes * 60, at) - began[0] / 1000 - sum(parts.slice(0, i + 1)) * 60;
    return { i, left, late, share: Math.min(1, (at - start) / (parts[i].minutes * 60)) };
  }

  function tick() {
    const here = standing();
    if (!here) return;
    time.textContent = clock(here.left);
    time.classList.toggle("over", here.left < 0);
    fill.style.inlineSize = `${100 * here.share}%`;
    const minutes = Math.round(Math.abs(here.late) / 60);
    const said = minutes < 1 ? words.on_time : (here.late > 0 ? words.late : words.early).replace("{n}", minutes);
    if (state.textContent !== said) state.textContent = said;
    const due = here.left <= 0 ? "end" : here.left <= 60 ? "minute" : null;
    if (due && due !== told) {
      if (told !== null || due === "end" || here.left > 58) if (model.get("sound")) gentleSound();
      told = due;
    }
  }

  function paragraphs(text, look) {
    return text.split(/\n\s*\n/).filter(Boolean).map((p) => make("p", look, p.replace(/\n/g, " ")));
  }

  function draw() {
    const parts = model.get("parts"), began = model.get("began"), ended = model.get("ended");
    const leads = model.get("view") === "facilitator", here = standing();
    root.classList.toggle("leads", leads);
    hands.replaceChildren();
    if (!began.length) hands.append(button(words.start, step));
    else if (!ended) {
      hands.append(button(words.back, back));
      hands.append(button(began.length < parts.length ? words.next : words.end, step));
    } else hands.append(button(words.back, back));
    const turn = button(leads ? words.to_participants : words.to_facilitator,
      () => set("view", leads ? "participant" : "facilitator"));
    const ring = button(model.get("sound") ? words.sound_on : words.sound_off, () => set("sound", !model.get("sound")));
    ring.setAttribute("aria-pressed", String(model.get("sound")));
    hands.append(turn, ring);
    time.hidden = bar.hidden = !here;
    if (!here) state.textContent = ended ? words.over : words.before.replace("{n}", sum(parts));
    says.replaceChildren();
    if (here) {
      const part = parts[here.i];
      says.append(make("h4", "", part.name), ...paragraphs(part.activity));
      for (const ask of part.asks) says.append(make("p", "ask", ask));
      if (part.materials.length) says.append(make("p", "quiet", `${words.materials}: ${part.materials.join(", ")}`));
      if (leads && part.notes) {
        const note = make("aside", "note");
        note.append(make("b", "", words.notes), ...paragraphs(part.notes));
        says.append(note);
      }
      const after = parts[here.i + 1];
      says.append(make("p", "quiet", after ? `${words.then}: ${after.name} (${after.minutes} min)` : words.last));
    }
    list.replaceChildren(...parts.map((p, i) => {
      const line = make("li", "", `${p.name} · ${p.minutes} min`);
      if (here && i === here.i) line.setAttribute("aria-current", "step");
      if (i < began.length - (ended ? 0 : 1)) line.classList.add("done");
      return line;
    }));
    tick();
  }

  for (const name of ["parts", "began", "ended", "view", "sound", "title"]) model.on(`change:${name}`, draw);
  draw();
  const beat = setInterval(tick, 500);
  return () => clearInterval(beat);
}

export default { render };
