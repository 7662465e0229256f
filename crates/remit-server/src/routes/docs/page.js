// Renders openapi.json into this page and lets the reader try an operation. Text is only ever set as text, never as markup.
"use strict";

const element = (name, text, ...children) => {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
};

const resolve = (document_, schema) =>
  schema && schema.$ref ? schema.$ref.slice(2).split("/").reduce((at, step) => at[step], document_) : schema;

// An example value for a schema: its own example if it has one, else the smallest value of its type.
const example = (document_, given, depth = 0) => {
  const schema = resolve(document_, given) || {};
  if (schema.example !== undefined) return schema.example;
  const options = (schema.oneOf || schema.anyOf || []).filter((one) => one.type !== "null");
  if (options.length) return example(document_, options[0], depth);
  if (schema.enum) return schema.enum[0];
  const type = [].concat(schema.type || []).find((one) => one !== "null");
  if (type === "array") return depth > 4 ? [] : [example(document_, schema.items, depth + 1)];
  if (type === "boolean") return true;
  if (type === "integer" || type === "number") return 0;
  if (type === "string") return "…";
  const required = schema.required || [];
  const members = Object.entries(schema.properties || {}).filter(([name]) => required.includes(name) || depth === 0 && name === "evaluations");
  return Object.fromEntries(members.map(([name, one]) => [name, example(document_, one, depth + 1)]));
};

const table = (rows) => {
  const made = element("table");
  for (const row of rows) {
    const line = element("tr");
    for (const cell of row) line.append(element("td", String(cell ?? "")));
    made.append(line);
  }
  return made;
};

const shape = (document_, content) => {
  const [media, body] = Object.entries(content || {})[0] || [];
  if (!media || !media.includes("json")) return media ? element("p", media) : "";
  return element("pre", JSON.stringify(example(document_, body.schema), null, 2));
};

const attempt = (document_, method, path, operation) => {
  const box = element("div");
  const body = operation.requestBody && element("textarea");
  if (body) {
    const [, described] = Object.entries(operation.requestBody.content)[0];
    body.value = JSON.stringify(example(document_, described.schema), null, 2);
    body.setAttribute("aria-label", "request body");
    box.append(body);
  }
  const button = element("button", "Send");
  const answer = element("pre", "");
  answer.hidden = true;
  button.addEventListener("click", async () => {
    const key = document.getElementById("key").value;
    const headers = body ? { "Content-Type": "application/json" } : {};
    if (key) headers.Authorization = "Bearer " + key;
    answer.hidden = false;
    try {
      const reply = await fetch(path.slice(1) || ".", { method, headers, body: body && body.value });
      answer.textContent = reply.status + " " + reply.statusText + "\n\n" + await reply.text();
    } catch (error) {
      answer.textContent = String(error);
    }
  });
  box.append(button, answer);
  return box;
};

const describe = (document_, path, method, operation) => {
  const made = element("details");
  const head = element("summary", "", element("span", method.toUpperCase()), element("code", path), element("span", operation.summary));
  head.children[0].className = "method";
  head.children[2].className = "note";
  made.append(head, element("p", operation.description));
  const parameters = (operation.parameters || []).map((one) => [one.name, one.in, one.description]);
  if (parameters.length) made.append(element("h3", "Parameters"), table(parameters));
  made.append(element("h3", "Answers"));
  made.append(table(Object.entries(operation.responses).map(([status, one]) => [status, one.description])));
  const good = operation.responses["200"];
  if (good) made.append(shape(document_, good.content));
  made.append(element("h3", "Try it"), attempt(document_, method.toUpperCase(), path, operation));
  return made;
};

const render = (document_) => {
  document.getElementById("about").textContent = document_.info.description + " Version " + document_.info.version + ".";
  const room = document.getElementById("operations");
  room.replaceChildren();
  for (const tag of document_.tags) {
    room.append(element("h2", tag.name), element("p", tag.description));
    for (const [path, item] of Object.entries(document_.paths))
      for (const [method, operation] of Object.entries(item))
        if ((operation.tags || []).includes(tag.name)) room.append(describe(document_, path, method, operation));
  }
};

fetch("openapi.json")
  .then((reply) => reply.json())
  .then(render)
  .catch((error) => { document.getElementById("operations").textContent = String(error); });
