// What a page does beyond HTML: the error summary takes focus and leads to the control, questions appear when they are asked,
// a button is pressed once. Every page works without this file.
(function () {
  "use strict";
  document.body.classList.add("accord-script", "js-enabled", "govuk-frontend-supported");

  // 1. The error summary is read first, and each of its links lands on the control itself with its question in view.
  var summary = document.querySelector(".govuk-error-summary");
  if (summary) {
    summary.setAttribute("tabindex", "-1");
    summary.focus();
    summary.addEventListener("click", function (event) {
      var link = event.target.closest("a[href^='#']");
      var control = link && document.getElementById(link.hash.slice(1));
      if (!control) return;
      event.preventDefault();
      var group = control.closest("fieldset") || control.closest(".govuk-form-group");
      var question = (group && group.querySelector("legend, label")) || control;
      question.scrollIntoView();
      control.focus({ preventScroll: true });
    });
  } else {
    // A new, empty entry of a repeated question was asked for: go there (autofocus is not allowed in a frame of another site).
    var fresh = document.querySelector("[data-accord-focus]");
    if (fresh) fresh.focus();
  }

  // 2. Questions that depend on an answer. data-accord-when holds [[name, [values]], ...]; all must hold.
  function chosen(form, name) {
    var values = [];
    form.querySelectorAll("[name='" + CSS.escape(name) + "']").forEach(function (control) {
      if (control.closest("[data-accord-off]")) return; // not asked, so not answered
      if (/^(radio|checkbox)$/.test(control.type) ? control.checked : control.value) values.push(control.value);
    });
    return values;
  }
  function refresh(form) {
    form.querySelectorAll("[data-accord-when]").forEach(function (block) {
      var on = JSON.parse(block.dataset.accordWhen).every(function (clause) {
        return chosen(form, clause[0]).some(function (value) { return clause[1].indexOf(value) >= 0; });
      });
      block.toggleAttribute("data-accord-off", !on);
    });
  }
  document.querySelectorAll("form").forEach(function (form) {
    if (form.querySelector("[data-accord-when]")) {
      form.addEventListener("change", function () { refresh(form); });
      refresh(form);
    }
    // "None of these" and the others put each other out.
    form.addEventListener("change", function (event) {
      var box = event.target;
      if (box.type !== "checkbox" || !box.checked) return;
      form.querySelectorAll("input[type=checkbox][name='" + CSS.escape(box.name) + "']").forEach(function (other) {
        if (other !== box && (box.hasAttribute("data-accord-alone") || other.hasAttribute("data-accord-alone"))) other.checked = false;
      });
    }, true);
    // 3. A second press within two seconds of the first is a slip, not a second answer.
    var pressed = 0;
    form.addEventListener("submit", function (event) {
      var now = Date.now();
      if (now - pressed < 2000) event.preventDefault();
      else pressed = now;
    });
    if (form.hasAttribute("data-accord-draft")) keepDraft(form);
  });

  // Paper cannot be unfolded: what is folded away is opened to be printed.
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.prototype.filter.call(document.querySelectorAll("details"), function (one) { return !one.open; });
    opened.forEach(function (one) { one.open = true; });
  });
  window.addEventListener("afterprint", function () { opened.forEach(function (one) { one.open = false; }); });

  // 4. What is typed is kept on the server: two seconds after the last key, and when the page is left. The form's own address gets what
  // the form would send, with do=draft. It says so once, and again only if that changes.
  function keepDraft(form) {
    var waiting, request, sent = false, changed = false;
    var said = document.createElement("p");
    said.className = "accord-saved";
    said.setAttribute("role", "status");
    form.appendChild(said);
    function tell(text) { if (said.textContent !== text) said.textContent = text; }
    function save(leaving) {
      clearTimeout(waiting);
      if (sent || !changed) return;
      changed = false;
      var body = new URLSearchParams(new FormData(form));
      body.set("do", "draft");
      request = new AbortController();
      // A page that is left may still send 64 KB; more goes while it stays.
      var small = body.toString().length < 60000;
      fetch(form.getAttribute("action") || location.href, { method: "POST", body: body, keepalive: leaving && small, signal: request.signal })
        .then(function (answer) { if (!answer.ok) throw answer; tell(form.dataset.accordDraft || "What you typed is saved."); document.dispatchEvent(new Event("accord-kept")); })
        .catch(function (fault) {
          if (fault.name === "AbortError") return;
          changed = true;
          tell("What you typed could not be saved. Keep this page open, and try again.");
        });
    }
    form.addEventListener("input", function () {
      changed = true;
      clearTimeout(waiting);
      waiting = setTimeout(save, 2000);
    });
    // Sending keeps it as well; a draft that arrived after it would bring back what is done.
    form.addEventListener("submit", function () { sent = true; clearTimeout(waiting); if (request) request.abort(); });
    document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") save(true); });
    window.addEventListener("pagehide", function () { save(true); });
    window.addEventListener("pageshow", function () { sent = false; });
  }
})();
