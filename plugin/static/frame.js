// Tells the record system that frames us how tall the page is, and when the session is over. Sends nothing else, and only to the
// origin of this launch; listens to nobody.
(function () {
  "use strict";
  if (window.parent === window) return;
  var script = document.currentScript || document.querySelector("script[data-host], script[data-expired]");
  var host = script && script.dataset.host;
  if (!host) return;
  function tell(type, more) { window.parent.postMessage(Object.assign({ v: 1, type: type }, more || {}), host); }
  function height() { tell("accord:height", { height: Math.ceil(document.body.getBoundingClientRect().height) }); }
  if (script.dataset.expired) tell("accord:expired");
  document.documentElement.classList.add("accord-framed"); // the page is as tall as what stands in it, not as the frame was
  new ResizeObserver(height).observe(document.body);
  height();
  // A new page begins at its top, also where the record system's own page was scrolled down; an error takes the reader to itself.
  if (document.referrer.indexOf(location.origin) === 0 && !document.querySelector(".govuk-error-summary")) document.body.scrollIntoView();
})();
