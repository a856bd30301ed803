// A photo's stamp, in words.

const WORDS = {
  ok: "Faces found",
  "no-face": "No face found",
  rejected: "No service would look at it",
  forgotten: "Forgotten",
};

const made = (tag, ...children) => {
  const element = document.createElement(tag);
  element.append(...children);
  return element;
};

const list = (facts) =>
  facts.flatMap(([name, value]) => (value ? [made("dt", name), made("dd", value)] : []));

const bytes = (count) =>
  count === null ? "" : count < 1e6 ? `${Math.ceil(count / 1000)} KB` : `${(count / 1e6).toFixed(1)} MB`;

// Tencent's names, as people read them: "eyebrow_density" is "eyebrow density".
const words = (name) => name.replaceAll("_", " ");

// Lines of a description list: what the stamp says of the whole photo.
export function factsOf({ key, object, stamp }) {
  const status = made("span", WORDS[stamp.status]);
  status.className = "badge";
  return list([
    ["Status", status],
    ["Faces", String(stamp.count)],
    ["Size", stamp.size && `${stamp.size.width} × ${stamp.size.height} px`],
    ["File", [object.content_type, bytes(object.length)].filter(Boolean).join(", ")],
    ["Person", stamp.enrolment?.person_id],
    ["Enrolled as", stamp.enrolment?.face_ids.join(", ")],
    ...Object.entries(stamp.errors),
  ]);
}

// A list entry for each face, in the order and with the number of the drawing.
export function facesOf({ stamp }) {
  return stamp.faces.map(({ box, points, attributes }, index) => {
    const counted = points && Object.values(points).reduce((sum, feature) => sum + feature.length, 0);
    const facts = list([
      ["Box", box && `${box.width} × ${box.height} px at ${box.x}, ${box.y}`],
      ["Landmarks", counted && `${counted} points`],
      ...leaves(attributes ?? {}),
    ]);
    const lines = made("dl", ...facts);
    lines.className = "facts";
    return made("li", made("h3", `Face ${index + 1}`), lines);
  });
}

// Every value of a nested structure, with the names that lead to it.
function leaves(value, name = "") {
  if (value === null || typeof value !== "object") return [[words(name), shown(value)]];
  if ("type" in value && Object.keys(value).length <= 2) return [[words(name), kind(value)]];
  return Object.entries(value).flatMap(([part, inside]) => leaves(inside, name ? `${name} ${part}` : part));
}

const shown = (value) => (value === true ? "yes" : value === false ? "no" : String(value ?? ""));
const kind = ({ type, probability }) =>
  probability === undefined ? `type ${type}` : `type ${type} (${Math.round(probability * 100)} %)`;
