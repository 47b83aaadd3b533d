// A record system's side of the frame: posts the launch into it, and listens to the three things the frame may say.
(function () {
  "use strict";
  var launch = document.getElementById("launch");
  var frame = document.getElementById("accord");
  var service = launch.dataset.service;

  function show(id) {
    document.getElementById(id).hidden = false;
  }

  window.addEventListener("message", function (event) {
    var said = event.data;
    if (event.source !== frame.contentWindow || event.origin !== service || !said || said.v !== 1) return;
    if (said.type === "accord:height" && Number.isFinite(said.height)) {
      frame.height = String(Math.min(4000, Math.max(200, Math.ceil(said.height))));
    }
    if (said.type === "accord:expired") show("expired");
    if (said.type === "accord:done") show("done");
  });

  launch.submit();
})();
