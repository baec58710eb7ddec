/* Progressive enhancement: every page works without this file. Words come from data- attributes, so they are translated. */
(() => {
  "use strict";

  const say = (text) => {
    const region = document.getElementById("announce");
    if (!region || !text) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = text; }, 60); // a region that changes in two steps is read out again
  };

  /* The filter panel: open where it stands beside the results, closed where it would push them down. */
  const wide = matchMedia("(min-width: 60rem)");
  const fitFilters = () => {
    const panel = document.querySelector("details.filters");
    if (panel) panel.open = wide.matches;
  };
  wide.addEventListener("change", fitFilters);

  /* A box that narrows a list: <input data-narrow="id of a container" data-found="{n} shown">. */
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
  const narrow = (box, quiet = false) => {
    const list = document.getElementById(box.dataset.narrow);
    if (!list) return;
    const wanted = fold(box.value);
    let shown = 0;
    for (const item of list.querySelectorAll("li")) {
      const keep = !wanted || fold(item.dataset.words || item.querySelector("a, .check-text").textContent).includes(wanted) || item.querySelector(":checked");
      item.hidden = !keep;
      if (keep) shown += 1;
    }
    for (const group of list.querySelectorAll("[data-narrow-group]")) {
      group.hidden = !group.querySelector("li:not([hidden])");
    }
    const none = document.getElementById(`${box.dataset.narrow}-none`);
    if (none) none.hidden = shown > 0;
    clearTimeout(narrow.timer);
    if (!quiet) narrow.timer = setTimeout(() => say((box.dataset.found || "").replace("{n}", shown)), 500);
  };
  // Caught on the way down, so that typing here never submits the filter form around it.
  for (const type of ["input", "change", "search"]) {
    document.addEventListener(type, (event) => {
      const box = event.target;
      if (!(box instanceof Element) || !box.matches("[data-narrow]")) return;
      event.stopPropagation();
      if (type !== "change") narrow(box);
    }, true);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("[data-narrow]")) event.preventDefault();
  });

  /* <button data-copy="#id"> copies that element's text; data-copy="page" the page's address. */
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const what = button.dataset.copy;
    const from = what === "page" ? null : document.querySelector(what);
    const canonical = document.querySelector("link[rel=canonical]");
    const text = from ? from.textContent.trim() : canonical ? canonical.href : location.href;
    try {
      await navigator.clipboard.writeText(text);
      say(button.dataset.copied);
      const label = button.querySelector("[data-label]");
      if (label && !button.dataset.was) {
        button.dataset.was = label.textContent;
        label.textContent = button.dataset.copied;
        setTimeout(() => { label.textContent = button.dataset.was; delete button.dataset.was; }, 2500);
      }
    } catch {
      if (from) getSelection().selectAllChildren(from); // no permission: leave it selected, ready for Ctrl+C
      say(button.dataset.failed);
    }
  });

  /* A link to something inside closed <details>, such as a filter with an error, opens them. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    let node = link && document.getElementById(link.hash.slice(1));
    for (; node; node = node.parentElement) if (node.localName === "details") node.open = true;
  });

  /* A menu closes on Escape and on a click elsewhere. */
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  /* htmx swaps #results and #facets. Facets keep what the reader opened and typed; the new count is read out. */
  document.addEventListener("htmx:configRequest", (event) => {
    const { parameters } = event.detail; // the address names only what is chosen
    for (const name of Object.keys(parameters)) if (parameters[name] === "") delete parameters[name];
  });
  let facets = null;
  document.addEventListener("htmx:beforeSwap", () => {
    facets = { open: {}, typed: {}, scroll: {} };
    for (const facet of document.querySelectorAll("details.facet[id]")) facets.open[facet.id] = facet.open;
    for (const box of document.querySelectorAll("[data-narrow]")) facets.typed[box.dataset.narrow] = box.value;
    for (const list of document.querySelectorAll(".facet-list-long[id]")) facets.scroll[list.id] = list.scrollTop;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (facets) {
      for (const facet of document.querySelectorAll("details.facet[id]")) {
        if (facet.id in facets.open) facet.open = facets.open[facet.id];
      }
      for (const box of document.querySelectorAll("[data-narrow]")) {
        if (facets.typed[box.dataset.narrow]) { box.value = facets.typed[box.dataset.narrow]; narrow(box, true); }
      }
      for (const id in facets.scroll) {
        const list = document.getElementById(id);
        if (list) list.scrollTop = facets.scroll[id];
      }
      facets = null;
    }
    if (event.target.id !== "results") return;
    const count = document.getElementById("result-count");
    if (!count) return;
    say(count.textContent.trim().replace(/\s+/g, " "));
    // What was pressed (a chip, a page number) is gone: go on from the heading. htmx itself restores a focus that has an id.
    if (document.activeElement === document.body) count.focus();
  });

  fitFilters();
})();
