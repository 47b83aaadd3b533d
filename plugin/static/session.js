// Two minutes before a session ends for want of use it says so, with a button that goes on. Without this file drafts are kept all the same.
(function () {
  "use strict";
  var script = document.currentScript || document.querySelector("script[data-idle]");
  var idle = Number(script.dataset.idle), warnAt, bar;
  if (!(idle > 0)) return;
  function start() {
    clearTimeout(warnAt);
    warnAt = setTimeout(warn, Math.max(1, idle - 120) * 1000);
  }
  function warn() {
    bar = document.createElement("div");
    bar.className = "accord-timeout";
    bar.setAttribute("role", "alert");
    bar.innerHTML = "<p>This page closes in 2 minutes, for safety. What you typed is kept.</p>";
    var stay = document.createElement("button");
    stay.type = "button";
    stay.className = "govuk-button";
    stay.textContent = "Stay on this page";
    stay.addEventListener("click", extend);
    bar.appendChild(stay);
    document.body.insertBefore(bar, document.body.firstChild);
    stay.focus();
  }
  function extend() {
    fetch(script.dataset.extend, { method: "POST", body: new URLSearchParams({ _fs: script.dataset.fs }) }).then(function (answer) {
      if (!answer.ok) throw answer;
      bar.remove();
      start();
    }).catch(function () { bar.querySelector("p").textContent = "This page could not be kept open. Open it again from the child\u2019s record or your mail."; });
  }
  start();
})();
