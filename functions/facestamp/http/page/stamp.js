// A photo's stamp, in words.

const WORDS = {
  ok: "Faces found",
  "no-face": "No face found",
  rejected: "Could not be looked at",
  forgotten: "Forgotten",
};

const made = (tag, ...children) => {
  const element = document.createElement(tag);
  element.append(...children);
  return element;
};

const listed = (facts) =>
  facts
    .filter(([, value]) => value !== undefined && value !== null && value !== "")
    .flatMap(([name, value]) => [made("dt", name), made("dd", value)]);

// Lines of a description list: what the stamp says of the whole photo.
export function factsOf(photo) {
  const status = made("span", WORDS[photo.status] ?? photo.status);
  status.className = "badge";
  return listed([
    ["Status", status],
    ["Faces", String(photo.count ?? "")],
  ]);
}

// A list entry for each face.
export function facesOf(photo) {
  return (photo.faces ?? []).map((face, index) => made("li", `Face ${index + 1}`));
}
