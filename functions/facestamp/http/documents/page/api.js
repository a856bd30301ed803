// How the page calls the API: with the key of this tab, and with problems as exceptions.

const KEPT = "facestamp-key";

export const key = {
  get: () => sessionStorage.getItem(KEPT) ?? "",
  keep: (value) => sessionStorage.setItem(KEPT, value),
  forget: () => sessionStorage.removeItem(KEPT),
};

// What went wrong, in the one sentence that the API says.
export class Problem extends Error {
  constructor(detail, about = {}) {
    super(detail);
    this.status = about.status ?? 0;
    this.retry = about.retry ?? false;
    this.requestId = about.request_id ?? "";
  }
}

async function ask(method, path, { query = {}, body } = {}) {
  const address = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  const headers = { authorization: `Bearer ${key.get()}` };
  if (body) headers["content-type"] = "application/json";
  let response;
  try {
    response = await fetch(address, { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
  } catch {
    throw new Problem("The API could not be reached; look at your connection and try again.", { retry: true });
  }
  if (!response.ok) throw await problem(response);
  return response;
}

async function problem(response) {
  const told = await response.json().catch(() => ({}));
  return new Problem(told.detail ?? `The API answered ${response.status}.`, { ...told, status: response.status });
}

const json = async (...request) => (await ask(...request)).json();

export const routes = async () => (await json("GET", "/v1/routes")).routes;
export const photo = (photoKey) => json("GET", "/v1/photo", { query: { key: photoKey } });
export const stamp = (photoKey) => json("POST", "/v1/photo:stamp", { query: { key: photoKey } });
export const forget = (photoKey) => json("DELETE", "/v1/photo/faces", { query: { key: photoKey } });
export const overlay = async (photoKey) => (await ask("GET", "/v1/photo/overlay.svg", { query: { key: photoKey } })).blob();

// Has a form signed, and sends the file by it straight to the bucket; `tell` learns how far it is, 0 to 1. The key is
// new, so nothing can be overwritten, which a form has to allow.
export async function upload(photoKey, file, tell) {
  const how = { method: "POST", max_content_length: file.size, overwrite: true };
  const signed = await json("POST", "/v1/uploads", { body: { key: photoKey, content_type: file.type, ...how } });
  const form = new FormData();
  for (const [name, value] of Object.entries(signed.fields)) form.append(name, value);
  form.append("file", file);
  await send(signed.url, form, tell);
}

// fetch does not say how far an upload is.
function send(url, form, tell) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.upload.onprogress = (event) => tell(event.loaded / event.total);
    request.onload = () => (request.status < 300 ? resolve() : reject(refused(request)));
    request.onerror = () => reject(new Problem("The bucket could not be reached; does it take uploads from this page?"));
    request.send(form);
  });
}

function refused(request) {
  const code = request.responseXML?.querySelector("Code")?.textContent ?? "";
  return new Problem(`The bucket did not take the photo (${request.status} ${code}).`.replace(" )", ")"));
}
