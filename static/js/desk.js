"use strict";
// What unfold opens with a click alone opens from the keyboard too: the sidebar, which narrow windows hide, the menu of
// one's account at its foot, with the way to sign out, and the filters of a list.

document.addEventListener("DOMContentLoaded", () => {
  const SIDEBAR = "[x-on\\:click='sidebarToggle()']";
  const OPENERS = `${SIDEBAR}, [x-on\\:click*='openUserLinks = !'], [x-on\\:click^=switchTheme], .filter-open-button:not([href])`;
  for (const opener of document.querySelectorAll(OPENERS)) {
    opener.tabIndex = 0;
    opener.setAttribute("role", "button");
    if (opener.matches(SIDEBAR)) opener.setAttribute("aria-label", "Menu");  // its text is the name of an icon
  }
  document.addEventListener("keydown", (event) => {
    if (!["Enter", " "].includes(event.key) || !event.target.matches(OPENERS)) return;
    event.preventDefault();
    event.target.click();
    if (!event.target.matches(SIDEBAR)) return;
    // The sidebar stands before the button that opens it.
    setTimeout(() => document.querySelector("#nav-sidebar a[href]")?.focus(), 50);
  });
});
