(function () {
  const box = document.querySelector(".find"), input = box && box.querySelector("input");
  if (!box) return;
  box.hidden = false;
  const entries = [...document.querySelectorAll("[data-find]")], said = box.querySelector("output");
  const groups = [...document.querySelectorAll("[data-group]")];
  const texts = entries.map(e => e.textContent.toLowerCase());
  function show() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    entries.forEach((e, i) => { e.hidden = !words.every(w => texts[i].includes(w)); found += !e.hidden; });
    groups.forEach(g => { g.hidden = !g.querySelector("[data-find]:not([hidden])"); });
    said.textContent = words.length ? "找到 " + found + " 项" : "";
  }
  input.addEventListener("input", show);
  window.addEventListener("hashchange", () => {
    const aim = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (aim && aim.closest("[hidden]")) { input.value = ""; show(); aim.scrollIntoView(); }
  });
  show();
})();
