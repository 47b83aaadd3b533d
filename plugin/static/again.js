// Somebody came back to a page that was the answer to a post: it is asked for again, once. Where the browser kept this page in between
// (it was left by that very post), coming back to it means going further back.
(function () {
  "use strict";
  var asks = history.state;
  if (!asks || !asks.url) return;
  if (asks.asked) {
    history.back();
    return;
  }
  history.replaceState(Object.assign({ asked: true }, asks), "");
  var form = document.createElement("form");
  form.method = "post";
  form.action = asks.url;
  Object.keys(asks.fields).forEach(function (name) {
    var field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = asks.fields[name];
    form.appendChild(field);
  });
  document.body.appendChild(form);
  form.submit();
})();
