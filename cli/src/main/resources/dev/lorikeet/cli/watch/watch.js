// Takes what is new in place of what is shown, so that the page does not jump; the first event is what is shown.
const events = new EventSource("/events");
let shown = null;
let asking = Promise.resolve();
function say(text) {
  let note = document.getElementById("watch");
  if (!note) {
    note = document.createElement("p");
    note.id = "watch";
    note.className = "note";
    document.querySelector("header").append(note);
  }
  note.textContent = text;
}
async function renew() {
  const page = new DOMParser().parseFromString(await (await fetch("/")).text(), "text/html");
  page.querySelectorAll("script").forEach(script => script.remove());
  const open = [...document.querySelectorAll("details")].map(each => each.open);
  document.title = page.title;
  document.body.replaceChildren(...page.body.childNodes);
  document.querySelectorAll("details").forEach((each, i) => { each.open = open[i] ?? each.open; });
}
events.onmessage = event => {
  if (shown !== null && shown !== event.data) {
    asking = asking.then(renew).catch(() => {});
  }
  shown = event.data;
};
events.addEventListener("end", () => {
  events.close();
  asking.then(() => say("The run has ended: this is how it stood. Its folder has the whole report."));
});
events.onerror = () => {
  events.close();
  asking.then(() => say("The run is not heard from any more: this is how it stood."));
};
