"use strict";
// The forms of the desk. Without script they work too: dates and duplicates are then told of when the form is sent.

document.addEventListener("DOMContentLoaded", () => {
  const $ = django.jQuery;
  const form = document.querySelector("#content-main form");
  if (!form) return;

  const later = (action, wait) => {
    let timer;
    return (...args) => {
      clearTimeout(timer);
      timer = setTimeout(action, wait, ...args);
    };
  };

  // What unfold opens with a click alone, its tabs and the menus beside a choice, opens from the keyboard too.
  const letReach = (root) => {
    for (const opener of root.querySelectorAll("a[x-on\\:click]:not([href]), div[x-on\\:click]")) {
      opener.tabIndex = 0;
      opener.setAttribute("role", "button");
      if (opener.matches("div")) {
        const label = opener.closest(".field-line, td")?.querySelector("label")?.textContent.trim();
        opener.setAttribute("aria-label", [label, "⋮"].filter(Boolean).join(" "));
      }
    }
  };
  letReach(form);
  document.addEventListener("formset:added", (event) => letReach(event.target));
  form.addEventListener("keydown", (event) => {
    if (!["Enter", " "].includes(event.key) || !event.target.matches("[role=button][x-on\\:click]")) return;
    event.preventDefault();
    event.target.click();
    const menu = event.target.closest(".related-widget-wrapper")?.dataset.id;
    if (menu) setTimeout(() => document.getElementById(menu)?.querySelector("a[href]")?.focus(), 50);
  });

  // Beneath a date: what it is understood as.
  const understand = later(async (input) => {
    const line = document.getElementById(`${input.id}_understood`);
    const address = `${input.dataset.understand}?text=${encodeURIComponent(input.value)}`;
    const { understood, refused } = await (await fetch(address)).json();
    line.textContent = understood ?? refused;
    line.classList.toggle("refused", refused !== undefined);
  }, 300);
  form.addEventListener("input", (event) => {
    if (event.target.dataset.understand) understand(event.target);
  });

  // Above the form: what may be recorded already. jQuery hears select2, which the browser does not.
  const duplicates = document.getElementById("duplicates");
  const seek = later(async () => {
    const answer = await fetch(duplicates.dataset.address, { method: "POST", body: new FormData(form) });
    if (answer.ok && !answer.redirected) duplicates.innerHTML = (await answer.text()).trim();
  }, 500);
  const TELLING = /^(title_en|measure_type|countries|announced_on|citations-\d+-source)$/;
  // Only from here on is a change the editor's: Django's own scripts report one of each choice when they start.
  window.addEventListener("load", () =>
    $(form).on("change", (event) => {
      if (duplicates && TELLING.test(event.target.name)) seek();
      // A choice counts as unsaved text for unfold's warning.
      if (event.target.matches("select")) event.target.dispatchEvent(new Event("input", { bubbles: true }));
    }),
  );

  // An address that is pasted on a source picks it; one that the catalogue does not have opens the form of a new one.
  const isAddress = (text) => /^https?:\/\/\S+$/i.test(text);
  const selectAt = (element) => {
    const box = element.closest(".select2-container");
    const open = document.querySelector(".select2-container--open")?.previousElementSibling;
    return element.matches(".select2-search__field") ? open : box?.previousElementSibling;
  };
  document.addEventListener("paste", async (event) => {
    const select = selectAt(event.target);
    const address = event.clipboardData.getData("text").trim();
    if (!select?.matches("[name^=citations-][name$=-source]") || !isAddress(address)) return;
    event.preventDefault();
    $(select).select2("close");
    const query = new URLSearchParams({
      term: address,
      app_label: select.dataset.appLabel,
      model_name: select.dataset.modelName,
      field_name: select.dataset.fieldName,
    });
    const [source] = (await (await fetch(`${select.getAttribute("data-ajax--url")}?${query}`)).json()).results;
    if (source) {
      select.replaceChildren(new Option(source.text, source.id, true, true));
      $(select).trigger("change").select2("focus");
    } else {
      addSource(select, address);
    }
  });
  const addSource = (select, address) => {
    const link = document.getElementById(`add_${select.id}`);
    if (!link) return;
    const href = link.href;
    const filled = new URL(href);
    filled.searchParams.set("url", address);
    link.href = filled;
    link.click();
    link.href = href;
  };

  // A form that is sent without a session would be lost on the way to the sign-in page, so it is asked for first.
  const signedOut = document.getElementById("signed-out");
  const warnAgain = () => window.addEventListener("beforeunload", window.preventLeaving);
  let signedIn = false;
  form.addEventListener("submit", async (event) => {
    if (signedIn || !signedOut) return;
    event.preventDefault();
    const answer = await fetch(duplicates.dataset.address).catch(() => null);
    signedIn = Boolean(answer?.ok) && !answer.redirected;
    signedOut.hidden = signedIn;
    if (!signedIn) {
      signedOut.focus();
      warnAgain();
      return;
    }
    // Signing in again gives another token than the page was made with.
    const token = document.cookie.match(/csrftoken=([^;]+)/)?.[1];
    if (token) form.elements.csrfmiddlewaretoken.value = token;
    form.requestSubmit(event.submitter);
    signedIn = false;
    if (event.submitter?.formTarget === "_blank") warnAgain();
  });
});
