(() => {
  const box = document.getElementById("find");
  const shown = document.getElementById("shown");
  const days = [...document.querySelectorAll("section")].map((day) => ({
    day, rows: [...day.querySelectorAll("tbody tr")].map((row) => ({row, text: null})),
  }));
  const hit = (entry, words) => {
    entry.text ??= [entry.row.textContent, entry.row.dataset.ids, entry.row.closest("section").id].join(" ").toLowerCase();
    return words.every((word) => entry.text.includes(word));
  };
  const find = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const {day, rows} of days) {
      let hits = 0;
      for (const entry of rows) {
        const found = hit(entry, words);
        if (entry.row.hidden === found) entry.row.hidden = !found;
        hits += found;
      }
      if (day.hidden === hits > 0) day.hidden = hits === 0;
      count += hits;
    }
    shown.textContent = words.length ? `${count} found` : "";
  };
  let waiting = 0;
  box.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(find, 120); });
  box.closest("p").hidden = false;
  if (box.value) find();
})();
