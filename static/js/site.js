/* Progressive enhancement: every page works without this file. Words come from data- attributes, so they are translated. */
(() => {
  "use strict";

  const say = (text) => {
    const region = document.getElementById("announce");
    if (!region || !text) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = text; }, 60); // a region that changes in two steps is read out again
  };

  /* The filter panel: open where it stands beside the results; elsewhere as the server sent it, closed but for an error. */
  const wide = matchMedia("(min-width: 60rem)");
  const panel = document.querySelector("details.filters");
  if (panel) {
    panel.open ||= wide.matches;
    wide.addEventListener("change", () => { panel.open = wide.matches; });
  }

  /* Where the results stand below the panel, its button says what they have come to, and leads there. */
  const show = document.getElementById("show-results");
  const apply = show && show.textContent;
  const fitButton = () => {
    if (show) show.textContent = wide.matches ? apply : document.getElementById("result-count").dataset.show;
  };
  wide.addEventListener("change", fitButton);
  fitButton();
  if (show) show.addEventListener("click", (event) => {
    if (wide.matches) return;
    event.preventDefault(); // what is ticked is applied already
    panel.open = false;
    document.getElementById("results").scrollIntoView();
    document.getElementById("result-count").focus({ preventScroll: true });
  });

  /* A box that narrows a list: <input data-narrow="id of a container" data-found="{n} shown">. What is ticked stays in
     sight, found or not. A list with data-partial has not come whole yet, so nothing is said about it. */
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
  const narrow = (box, quiet = false) => {
    const list = document.getElementById(box.dataset.narrow);
    if (!list) return;
    const wanted = fold(box.value);
    const whole = !("partial" in list.dataset);
    if (!whole) box.dispatchEvent(new Event("focus")); // asks for the rest, unless that is on its way
    const items = [...list.querySelectorAll("li, tbody tr")];
    const words = (item) => fold(item.dataset.words || item.querySelector("a, .check-text").textContent);
    const found = items.filter((item) => words(item).includes(wanted));
    for (const item of items) {
      item.hidden = (whole || found.length > 0) && !found.includes(item) && !item.querySelector(":checked");
    }
    for (const group of list.querySelectorAll("[data-narrow-group]")) {
      group.hidden = !group.querySelector("li:not([hidden])");
      if (wanted && group.localName === "details") group.open = true;
    }
    const none = document.getElementById(`${box.dataset.narrow}-none`);
    if (none) none.hidden = found.length > 0 || !whole;
    clearTimeout(narrow.timer);
    if (whole && !quiet) narrow.timer = setTimeout(() => say(found.length || !none ? box.dataset.found.replace("{n}", found.length) : none.textContent), 500);
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
  /* Words are sent with Enter or the button: a change besides would ask for the same list twice. (A date is sent when
     changed; Enter in it follows within the delay of the form's trigger, and takes the place of the change.) */
  document.addEventListener("change", (event) => {
    if (event.target.id === "q") event.stopPropagation();
  }, true);
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

  /* Suggestions for the words in a search box: <input data-suggest="address">. The box becomes a combobox with a list
     beneath it (ARIA 1.2); what it suggests is a page, of which the part #suggestions is taken. Without an answer there
     is no list, and the box is as it was. */
  const suggest = (() => {
    const PAUSE = 150, KEPT = 60;
    const answers = new Map(); // by address
    const list = Object.assign(document.createElement("div"), { id: "suggestions", className: "suggestions" });
    let box = null, asked = null, timer = 0, active = -1;
    const options = () => [...list.querySelectorAll("[role=option]")];
    const words = () => box.value.trim().replace(/\s+/g, " ");

    const prepare = () => {
      for (const input of document.querySelectorAll("input[data-suggest]:not([role])")) {
        for (const [name, value] of Object.entries({
          role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-expanded": "false",
        })) input.setAttribute(name, value);
      }
    };
    const choose = (number) => {
      const all = options();
      all[active]?.setAttribute("aria-selected", "false");
      active = number;
      const option = all[active];
      if (!option) return box.removeAttribute("aria-activedescendant");
      option.setAttribute("aria-selected", "true");
      box.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    };
    const close = () => {
      clearTimeout(timer);
      asked?.abort();
      asked = null;
      if (!list.isConnected) return;
      choose(-1);
      list.remove();
      box.setAttribute("aria-expanded", "false");
      box.removeAttribute("aria-controls");
    };
    const open = (answer) => {
      list.replaceChildren(...[...answer.childNodes].map((node) => node.cloneNode(true)));
      list.setAttribute("role", "listbox");
      list.setAttribute("aria-label", answer.dataset.label);
      for (const group of list.querySelectorAll("section")) group.setAttribute("role", "group");
      for (const node of list.querySelectorAll("ul, li, h2")) node.setAttribute("role", "presentation");
      active = -1;
      list.querySelectorAll("a").forEach((link, number) => {
        for (const [name, value] of Object.entries({
          role: "option", id: `suggestion-${number}`, tabindex: "-1", "aria-selected": "false",
        })) link.setAttribute(name, value);
      });
      box.closest(".searchbox").append(list);
      list.scrollTop = 0;
      box.setAttribute("aria-expanded", "true");
      box.setAttribute("aria-controls", list.id);
      box.removeAttribute("aria-activedescendant");
      timer = setTimeout(() => say(answer.dataset.count), 600); // once the typing has paused
    };
    const ask = async () => {
      clearTimeout(timer);
      asked?.abort();
      const mine = asked = new AbortController(), input = box;
      if (!words()) return close();
      const address = `${input.dataset.suggest}?${new URLSearchParams({ q: words() })}`;
      let answer = answers.get(address);
      if (!answer) {
        try {
          const response = await fetch(address, { signal: mine.signal });
          const page = response.ok && new DOMParser().parseFromString(await response.text(), "text/html");
          answer = page && page.getElementById("suggestions");
        } catch { /* no connection, or no longer wanted */ }
        if (answer) {
          answers.set(address, answer);
          if (answers.size > KEPT) answers.delete(answers.keys().next().value);
        }
      }
      if (asked !== mine || document.activeElement !== input) return; // too late
      if (answer && answer.querySelector("a")) open(answer); else close();
    };

    const handled = (event) => event.preventDefault();
    const KEYS = {
      ArrowDown: () => choose(active + 1 < options().length ? active + 1 : -1),
      ArrowUp: () => choose(active < 0 ? options().length - 1 : active - 1),
      Home: () => choose(0),
      End: () => choose(options().length - 1),
      Enter: () => options()[active].click(),
      Escape: close,
    };
    document.addEventListener("keydown", (event) => {
      if (event.target !== box || event.isComposing || event.keyCode === 229) return; // the keys are an input method's
      const { key, altKey, ctrlKey, metaKey, shiftKey } = event;
      if (ctrlKey || metaKey || shiftKey) return;
      if (!list.isConnected) {
        if (key === "ArrowDown" && words()) { handled(event); ask(); }
        return;
      }
      if (key === "Tab") return close();
      if (key === "ArrowUp" && altKey) { handled(event); return close(); }
      if (["Home", "End", "Enter"].includes(key) && active < 0) return; // they are the box's
      if (!(key in KEYS) || altKey) return key.startsWith("Arrow") ? choose(-1) : undefined;
      handled(event);
      KEYS[key]();
    });
    const typed = (event) => {
      if (event.target !== box || event.isComposing) return;
      if (list.isConnected) choose(-1);
      clearTimeout(timer);
      asked?.abort();
      asked = null;
      timer = setTimeout(ask, PAUSE);
    };
    document.addEventListener("input", typed);
    document.addEventListener("compositionend", typed);
    document.addEventListener("focusin", ({ target }) => {
      if (target !== box && target.matches("input[data-suggest]")) box = target;
    });
    document.addEventListener("focusout", ({ target }) => { if (target === box) close(); });
    document.addEventListener("submit", close, true);
    addEventListener("pagehide", close);
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
    list.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (!("search" in link.dataset)) return close();
      event.preventDefault(); // as Enter does, with the filters that are chosen
      box.form.requestSubmit();
    });
    prepare();
    if (document.activeElement?.matches("input[data-suggest]")) box = document.activeElement;
    return prepare;
  })();

  /* htmx asks for #results and #facet-groups, for the values of a facet that is opened, or for one whole list of them. Until the answer is there its target is
     busy; an answer without the target (an error page, a proxy's) replaces nothing, and the reader is told. */
  const clearFailed = () => document.querySelectorAll(".failed").forEach((notice) => notice.remove());
  const fail = ({ target, pathInfo }, template) => {
    clearFailed();
    const places = target.id === "results" ? [target, show] : [target]; // the button is what a phone shows of the open panel
    for (const place of places) {
      const notice = document.getElementById(template).content.firstElementChild.cloneNode(true);
      notice.querySelector("a").href = pathInfo.finalRequestPath;
      place.before(notice);
    }
    say(document.getElementById(template).content.textContent.trim());
  };
  document.addEventListener("htmx:beforeRequest", ({ detail }) => detail.target.setAttribute("aria-busy", "true"));
  document.addEventListener("htmx:afterRequest", ({ detail }) => detail.target.removeAttribute("aria-busy"));
  for (const type of ["sendError", "timeout"]) {
    document.addEventListener(`htmx:${type}`, ({ detail }) => fail(detail, "no-connection"));
  }

  /* Facets keep what the reader opened and typed, and where the focus was; the new count is read out. A facet that the
     server sends closed is opened again, which loads its values: they are restored when these have come. */
  document.addEventListener("htmx:configRequest", (event) => {
    const { parameters } = event.detail; // the address names only what is chosen
    for (const name of Object.keys(parameters)) if (parameters[name] === "") delete parameters[name];
  });
  const facets = { open: {}, typed: {}, scroll: {}, focus: null };
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!detail.serverResponse.includes(`id="${detail.target.id}"`)) detail.shouldSwap = false;
    if (!detail.shouldSwap) return fail(detail, "no-answer");
    clearFailed();
    for (const facet of document.querySelectorAll("details.facet[id]")) facets.open[facet.id] = facet.open;
    for (const box of document.querySelectorAll("[data-narrow]")) facets.typed[box.dataset.narrow] = box.value;
    for (const list of document.querySelectorAll(".facet-list-long[id]")) facets.scroll[list.id] = list.scrollTop;
    if (detail.target.id !== "results") return;
    const facet = document.activeElement.closest("details.facet");
    facets.focus = facet && { box: document.activeElement.id, summary: `#${facet.id} > summary` };
  });
  // What had the focus may be gone until the values of its facet have come: its heading has it until then.
  const refocus = () => {
    if (!facets.focus) return;
    const box = document.getElementById(facets.focus.box);
    const summary = document.querySelector(facets.focus.summary);
    if ([document.body, summary].includes(document.activeElement)) (box || summary)?.focus();
    if (box) facets.focus = null;
  };
  document.addEventListener("htmx:afterSettle", (event) => {
    for (const facet of document.querySelectorAll("details.facet[id]")) {
      if (facet.id in facets.open) facet.open = facets.open[facet.id] || !!facet.querySelector(".error");
    }
    for (const box of document.querySelectorAll("[data-narrow]")) {
      if (!facets.typed[box.dataset.narrow]) continue;
      box.value = facets.typed[box.dataset.narrow];
      narrow(box, box !== document.activeElement);
    }
    for (const id in facets.scroll) {
      const list = document.getElementById(id);
      if (list) list.scrollTop = facets.scroll[id];
    }
    refocus();
    suggest(); // the search box may be another
    if (event.target.id !== "results") return;
    const count = document.getElementById("result-count");
    if (!count) return;
    fitButton();
    say(count.textContent.trim().replace(/\s+/g, " "));
    // What was pressed (a chip, a page number) is gone: go on from the heading. htmx itself restores a focus that has an id.
    if (document.activeElement === document.body) count.focus();
  });
})();
