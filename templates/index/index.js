(() => {
  "use strict";
  const form = document.getElementById("search");
  const box = document.getElementById("find");
  const found = document.getElementById("found");
  const schools = [...document.querySelectorAll("[data-find]")];
  const districts = [...document.querySelectorAll(".district")];
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  const texts = schools.map((school) => plain(school.dataset.find));
  let timer = 0;
  const search = () => {
    const words = plain(box.value).split(/\s+/).filter(Boolean);
    let count = 0;
    schools.forEach((school, i) => {
      const match = words.every((word) => texts[i].includes(word));
      school.hidden = !match;
      count += match;
    });
    districts.forEach((district) => {
      district.hidden = words.length > 0 && !district.querySelector("[data-find]:not([hidden])");
    });
    clearTimeout(timer);
    timer = setTimeout(() => {
      found.textContent = words.length === 0 ? "" : count === 1 ? found.dataset.one : found.dataset.many.replace("{n}", count);
    }, 200);
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  box.addEventListener("input", search);
  form.hidden = false;
  search();
})();
