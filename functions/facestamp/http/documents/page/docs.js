// Says this deployment's address in the lines to paste, and offers to copy each.

const begin = document.getElementById("begin-curl");
begin.textContent = begin.textContent.replace("https://…", location.origin);

for (const code of document.querySelectorAll("pre > code")) {
  if (!navigator.clipboard) break; // there is none on an address without TLS
  const frame = document.createElement("div");
  frame.className = "copying";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  code.parentElement.replaceWith(frame);
  frame.append(code.parentElement, button);
}
