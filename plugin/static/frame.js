// Tells the record system that frames us how tall the page is, that something was sent, and when the session is over. Sends nothing else,
// and only to the origins of this launch; listens to nobody.
(function () {
  "use strict";
  if (window.parent === window) return;
  var script = document.currentScript || document.querySelector("script[data-host]");
  var hosts = ((script && script.dataset.host) || "").split(" ").filter(Boolean);
  if (!hosts.length) return;
  // A window has one origin: the browser drops what is addressed to another.
  function tell(type, more) { hosts.forEach(function (host) { window.parent.postMessage(Object.assign({ v: 1, type: type }, more || {}), host); }); }
  function height() { tell("accord:height", { height: Math.ceil(document.body.getBoundingClientRect().height) }); }
  if (script.dataset.says) tell("accord:" + script.dataset.says);
  document.addEventListener("accord-expired", function () { tell("accord:expired"); });
  document.documentElement.classList.add("accord-framed"); // the page is as tall as what stands in it, not as the frame was
  new ResizeObserver(height).observe(document.body);
  height();
  // A new page begins at its top, also where the record system's own page was scrolled down; an error takes the reader to itself.
  if (document.referrer.indexOf(location.origin) === 0 && !document.querySelector(".govuk-error-summary")) document.body.scrollIntoView();
})();
