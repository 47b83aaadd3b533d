// Two minutes before a session ends it says so. Where it ends for want of use, a button goes on; where it has lasted as long as it may,
// it says how to begin anew. What is typed and kept counts as use. Without this file drafts are kept all the same.
(function () {
  "use strict";
  var AHEAD = 120;
  var script = document.currentScript || document.querySelector("script[data-idle]");
  var idle = Number(script.dataset.idle), end = Date.now() + 1000 * Number(script.dataset.left);
  var kept = script.dataset.kept || "What you typed is kept.";
  var again = script.dataset.again, bar, warning, closing, focused;
  if (!(idle > 0)) return;

  function start() {
    clearTimeout(warning);
    clearTimeout(closing);
    if (bar) bar.remove();
    bar = null;
    var left = Math.min(1000 * idle, end - Date.now());
    warning = setTimeout(warn, Math.max(0, left - 1000 * AHEAD));
    closing = setTimeout(close, left);
  }
  function say(text) {
    focused = document.activeElement;
    bar = document.createElement("div");
    bar.className = "accord-timeout";
    bar.setAttribute("role", "alert");
    var said = document.createElement("p");
    said.textContent = text;
    bar.appendChild(said);
    document.body.insertBefore(bar, document.body.firstChild);
    bar.scrollIntoView({ block: "nearest" });
  }
  function warn() {
    if (end - Date.now() <= 1000 * (AHEAD + 1)) {
      say("This page closes in 2 minutes, for safety. It has been open as long as it may. " + kept + " " + again);
      return;
    }
    say("This page closes in 2 minutes, for safety. " + kept);
    var stay = document.createElement("button");
    stay.type = "button";
    stay.className = "govuk-button";
    stay.textContent = "Stay on this page";
    stay.addEventListener("click", extend);
    bar.appendChild(stay);
    stay.focus();
  }
  function close() {
    if (bar) bar.remove();
    say("This page has closed, for safety. " + kept + " " + again);
    // Nothing more is kept, so nothing more can be typed; and nobody reads of a child on a screen that was left.
    if (!script.dataset.kept) document.querySelectorAll("main, .accord-banner, nav").forEach(function (part) { part.remove(); });
    document.dispatchEvent(new Event("accord-expired"));
  }
  function extend() {
    fetch(script.dataset.extend, { method: "POST", body: new URLSearchParams({ _fs: script.dataset.fs }) }).then(function (answer) {
      if (!answer.ok) throw answer;
      start();
      if (focused && focused.focus) focused.focus();
    }).catch(function () { if (bar) bar.querySelector("p").textContent = "This page could not be kept open. " + again; });
  }
  document.addEventListener("accord-kept", start); // a draft was kept just now: the session is in use
  start();
})();
