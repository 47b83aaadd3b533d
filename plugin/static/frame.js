// Tells the record system that frames us how tall the page is, and when the session is over. Sends nothing else, and only to the
// origin of this launch; listens to nobody.
(function () {
  "use strict";
  if (window.parent === window) return;
  var script = document.currentScript || document.querySelector("script[data-host], script[data-expired]");
  var host = script && script.dataset.host;
  if (!host) return;
  function tell(type, more) { window.parent.postMessage(Object.assign({ v: 1, type: type }, more || {}), host); }
  function height() { tell("accord:height", { height: Math.ceil(document.documentElement.getBoundingClientRect().height) }); }
  if (script.dataset.expired) tell("accord:expired");
  new ResizeObserver(height).observe(document.body);
  height();
})();
