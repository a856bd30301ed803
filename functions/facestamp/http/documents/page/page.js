// The page: sign in, choose a photo, see it uploaded, stamped and drawn, and have it forgotten.

import * as api from "./api.js";
import { facesOf, factsOf } from "./stamp.js";

const $ = (id) => document.getElementById(id);
const PATIENCE = 90_000; // milliseconds in which an upload's own function should have stamped it
let routes = [];
let shown = { key: "", picture: "" };

// What is said at the top

function say(text, { bad = false, small = "", action } = {}) {
  const said = $("said");
  said.replaceChildren(Object.assign(document.createElement("p"), { textContent: text }));
  if (small) said.append(Object.assign(document.createElement("small"), { textContent: small }));
  if (action) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: action.label });
    button.addEventListener("click", action.run);
    said.append(button);
  }
  said.classList.toggle("bad", bad);
  said.setAttribute("role", bad ? "alert" : "status");
  said.hidden = !text;
  if (text) said.scrollIntoView({ block: "nearest" });
}

function sayProblem(error, action) {
  if (!(error instanceof api.Problem)) console.error(error);
  const small = error.requestId ? `Tencent's request id: ${error.requestId}` : "";
  say(error.message, { bad: true, small, action });
  if (error.status === 401) signOut();
}

// Signing in

async function signIn() {
  try {
    routes = await api.routes();
  } catch (error) {
    return sayProblem(error);
  }
  $("route").replaceChildren(...routes.map(({ name }) => new Option(name, name)));
  $("route-field").hidden = routes.length < 2;
  chooseRoute();
  open(true);
  say("");
}

function signOut() {
  api.key.forget();
  $("api-key").value = "";
  hideResult();
  $("progress").hidden = true;
  open(false);
}

function open(known) {
  $("sign-in").hidden = known;
  $("work").hidden = !known;
  $("sign-out").hidden = !known;
  $(known ? "file" : "api-key").focus({ preventScroll: true });
}

// Choosing

const route = () => routes.find(({ name }) => name === $("route").value);

function chooseRoute() {
  const { suffixes, person_id, operations, prefix } = route();
  const endings = suffixes.filter(Boolean);
  $("file").accept = endings.join(",") || "image/*";
  $("file-hint").textContent = endings.join(", ");
  $("route-hint").textContent = `Runs ${operations.join(", ")}.`;
  $("person-field").hidden = !person_id;
  $("person").required = Boolean(person_id);
  if (!$("key").value) $("key").placeholder = `${prefix}portrait.jpg`;
}

// A key of its own for each upload, so that nobody's photo is replaced.
function keyFor(file) {
  const { prefix, person_id } = route();
  const folder = person_id ? person_id.replace("{person_id}", $("person").value.trim()) : prefix;
  const name = file.name.normalize("NFC").replace(/[\\/\u0000-\u001f\u007f]/g, "-");
  const time = new Date().toISOString().replace(/[-:]|\.\d+Z/g, "");
  const random = crypto.getRandomValues(new Uint32Array(1))[0].toString(36);
  return `${folder}${time}-${random}-${name}`;
}

// Under way

function step(name, state, text) {
  const line = document.querySelector(`[data-step="${name}"]`);
  line.dataset.state = state;
  line.querySelector("span").textContent = text;
}

function begin(uploading) {
  say("");
  hideResult();
  $("progress").hidden = false;
  document.querySelector('[data-step="upload"]').hidden = !uploading;
  step("upload", "", "Upload to the bucket");
  step("stamp", "", "Wait for the stamp");
  step("draw", "", "Draw the faces");
  for (const line of $("steps").children) delete line.dataset.state;
}

function stumble(error, action) {
  const line = document.querySelector('[data-state="now"]');
  if (line) line.dataset.state = "failed";
  $("steps").querySelector("progress").hidden = true;
  sayProblem(error, action);
}

async function uploaded(file) {
  const key = keyFor(file);
  begin(true);
  const bar = $("steps").querySelector("progress");
  try {
    step("upload", "now", `Uploading ${file.name}`);
    bar.value = 0;
    bar.hidden = false;
    await api.upload(key, file, (share) => (bar.value = share));
    bar.hidden = true;
    step("upload", "done", `Uploaded as ${key}`);
    $("key").value = key;
  } catch (error) {
    return stumble(error);
  }
  await show(key, waitForStamp);
}

async function show(key, find) {
  try {
    const photo = await find(key);
    step("stamp", "done", "Stamped");
    step("draw", "now", "Drawing the faces");
    const picture = await api.overlay(key);
    await present(photo, picture);
    step("draw", "done", "Drawn");
    $("progress").hidden = true;
    $("result").focus({ preventScroll: true });
    $("result").scrollIntoView({ block: "start" });
  } catch (error) {
    const again = { label: "Try again", run: () => (begin(false), show(key, find)) };
    const stamp = { label: "Stamp it now", run: () => (begin(false), show(key, stampNow)) };
    stumble(error, error instanceof Unstamped ? stamp : error.retry ? again : undefined);
  }
}

class Unstamped extends api.Problem {}

async function waitForStamp(key) {
  const began = Date.now();
  for (let pause = 400; ; pause = Math.min(pause * 1.5, 5000)) {
    const seconds = Math.round((Date.now() - began) / 1000);
    step("stamp", "now", seconds ? `Waiting for the stamp, ${seconds} s` : "Waiting for the stamp");
    const photo = await api.photo(key);
    if (photo.stamp?.current) return photo;
    if (Date.now() - began > PATIENCE) throw new Unstamped("The photo is there, but has not been stamped yet.");
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function asItIs(key) {
  step("stamp", "now", "Reading the stamp");
  const photo = await api.photo(key);
  if (!photo.stamp?.current) throw new Unstamped("This photo is there, and has no stamp.");
  return photo;
}

async function stampNow(key) {
  step("stamp", "now", "Running the route");
  await api.stamp(key);
  return asItIs(key);
}

// The result

async function present(photo, picture) {
  hideResult();
  shown = { key: photo.key, picture: URL.createObjectURL(picture) };
  $("overlay").src = shown.picture;
  await $("overlay").decode(); // so that nothing moves once it is there
  $("overlay").alt = `${photo.key}, with ${counted(photo.stamp)} drawn on it`;
  $("caption").textContent = photo.key;
  $("facts").replaceChildren(...factsOf(photo));
  $("faces").replaceChildren(...facesOf(photo));
  $("answer").textContent = JSON.stringify(photo, null, 2);
  $("forget").hidden = photo.stamp.status === "forgotten";
  $("result").hidden = false;
}

const counted = ({ count }) => (count === 1 ? "1 face" : `${count} faces`);

function hideResult() {
  $("result").hidden = true;
  if (shown.picture) URL.revokeObjectURL(shown.picture);
  shown = { key: "", picture: "" };
}

async function forget() {
  const { key } = shown;
  $("forget").disabled = true;
  try {
    await api.forget(key);
    hideResult();
    say("Forgotten: the photo is still there, and its stamp says no more than that.");
  } catch (error) {
    sayProblem(error);
  } finally {
    $("forget").disabled = false;
  }
}

// What people do

$("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  api.key.keep($("api-key").value.trim());
  signIn();
});
$("sign-out").addEventListener("click", () => (signOut(), say("Signed out.")));
$("route").addEventListener("change", chooseRoute);
$("file").addEventListener("change", () => take($("file").files));
$("find").addEventListener("submit", (event) => {
  event.preventDefault();
  begin(false);
  show($("key").value, asItIs);
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  $("drop").addEventListener(kind, (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop") take(event.dataTransfer.files);
  });
}
$("forget").addEventListener("click", () => $("sure").showModal());
$("sure").addEventListener("close", () => $("sure").returnValue === "forget" && forget());

function take(files) {
  const file = files[0];
  if (file && $("upload").reportValidity()) uploaded(file);
  $("file").value = "";
}

if (api.key.get()) signIn().then(() => $("work").hidden && open(false));
else open(false);
