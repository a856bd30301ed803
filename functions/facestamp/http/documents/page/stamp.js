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

// What the types of DetectFaceAttributes mean (IAI 867/47396), by the name of the attribute.
const TYPES = {
  emotion: ["calm", "happy", "surprised", "angry", "sad", "disgusted", "afraid"],
  glass: ["none", "glasses", "sunglasses"],
  eye_open: ["open", "closed"],
  eyelid_type: ["single", "double"],
  eye_size: ["small", "ordinary", "large"],
  eyebrow_density: ["light", "dense"],
  eyebrow_curve: ["straight", "curved"],
  eyebrow_length: ["short", "long"],
  gender: ["male", "female"],
  hair_length: ["bald", "short", "medium", "long", "tied"],
  hair_bang: ["without a fringe", "with a fringe"],
  hair_color: ["black", "golden", "brown", "grey or white"],
  hat_style: ["none", "ordinary", "helmet", "guard's cap"],
  hat_color: ["none", "red", "yellow", "blue", "black", "grey or white", "mixed"],
  mask: ["none", "covers nothing", "covers the chin", "covers the mouth", "worn rightly"],
  mouth_open: ["closed", "open"],
  moustache: ["none", "a beard"],
  nose: ["upturned", "aquiline", "ordinary", "bulbous"],
  shape: ["square", "triangular", "oval", "heart", "round"],
  skin: ["yellow", "brown", "black", "white"],
};
const TURNS = { pitch: "°", yaw: "°", roll: "°" };

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
    const face = made("details", made("summary", `Face ${index + 1}`), lines);
    face.open = index === 0;
    return made("li", face);
  });
}

// Every value of nested attributes, under a name that says enough: "eye_open" of "eye", "length" of "hair".
function leaves(value, name = "", parent = "") {
  const full = !parent || name.startsWith(parent) ? name : `${parent}_${name}`;
  if (value === null || typeof value !== "object") return [[words(full), shown(value, TURNS[name])]];
  if ("type" in value) return [[words(full), kind(value, TYPES[name] ?? TYPES[full])]];
  return Object.entries(value).flatMap(([part, inside]) => leaves(inside, part, name));
}

const words = (name) => name[0].toUpperCase() + name.slice(1).replaceAll("_", " ");
const shown = (value, unit = "") => `${value === true ? "yes" : value === false ? "no" : (value ?? "")}${unit}`;

function kind({ type, probability }, known = []) {
  const sure = probability === undefined ? "" : `, ${Math.round(probability * 100)} % sure`;
  return `${known[type] ?? `type ${type}`}${sure}`;
}
