// In a frame that may keep no cookie a page is the answer to a post: Back and reload would show nothing, or ask to send it again. So its
// place in the history gets an address that says nothing, and remembers which post asks for the page anew (again.js posts it).
(function () {
  "use strict";
  var script = document.currentScript || document.querySelector("script[data-asks]");
  history.replaceState(JSON.parse(script.dataset.asks), "", script.dataset.at);
})();
