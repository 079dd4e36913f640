"use strict";
// Without this script everything can be read; it adds the filters and opens what a link names.
for (const section of document.querySelectorAll(".benchmark")) {
  const filter = section.querySelector(".filter");
  if (!filter) continue;
  const [name, outcome, shown] = filter.querySelectorAll("input, select, output");
  const rows = [...section.querySelectorAll("[data-name]")];
  const apply = () => {
    const part = name.value.trim().toLowerCase();
    for (const row of rows) {
      row.hidden =
        !row.dataset.name.toLowerCase().includes(part) ||
        (outcome.value !== "" && row.dataset.outcome !== outcome.value);
    }
    const left = rows.filter((row) => !row.hidden).length / 2;
    shown.textContent = left * 2 === rows.length ? "" : `${left} of ${rows.length / 2} problems`;
  };
  name.addEventListener("input", apply);
  outcome.addEventListener("change", apply);
  filter.hidden = false;
}
// A code box opens at the line that the message names.
document.addEventListener(
  "toggle",
  (event) => {
    const line = event.target.open && event.target.querySelector(":scope > pre > mark");
    if (line) line.parentElement.scrollTop = line.offsetTop - line.parentElement.offsetTop - 60;
  },
  true,
);
const reveal = () => {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (!target || target.tagName !== "DETAILS") return;
  target.hidden = false;
  target.open = true;
  target.scrollIntoView();
};
addEventListener("hashchange", reveal);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (link && link.hash === location.hash) reveal();
});
reveal();
