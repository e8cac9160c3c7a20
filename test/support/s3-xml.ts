type Content = string | readonly Fields[];
interface Fields {
  readonly [name: string]: Content;
}

/** One document: a list is as many elements of its name. */
export const toXml = (name: string, fields: Fields): string =>
  `<?xml version="1.0" encoding="UTF-8"?>${toElement(name, fields)}`;

const toElement = (name: string, fields: Fields): string =>
  `<${name}>${Object.entries(fields)
    .map(([field, content]) => toElements(field, content))
    .join("")}</${name}>`;

const toElements = (name: string, content: Content): string =>
  typeof content === "string"
    ? `<${name}>${escapeText(content)}</${name}>`
    : content.map((fields) => toElement(name, fields)).join("");

const escapeText = (text: string) =>
  text.replace(/[&<>"\r\n\t]/g, (character) => `&#${character.charCodeAt(0)};`);

/** The text of every such element, where it has no markup in it. */
export const elementsOf = (name: string, xml: string): string[] =>
  Array.from(xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g")), ([, text = ""]) => text);
