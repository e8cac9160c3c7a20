/** XCLIENT (Postfix XCLIENT_README): a proxy that is trusted says who its client is. */
import { parseIp } from "../../mail/cidr.ts";
import { domainMaxOctets } from "./limits.ts";
import { replies } from "./reply.ts";
import type { Client, Policy, Session } from "./session.ts";
import { answer, type Step } from "./step.ts";
import { decodeXtext } from "./xtext.ts";

type Change = Partial<Pick<Client, "remoteIp" | "remotePort" | "helo" | "user">>;

/** What an attribute says of the client; null where it is malformed. What is not used is read all the same. */
const attributes: ReadonlyMap<string, (value: string) => Change | null> = new Map<
  string,
  (value: string) => Change | null
>([
  ["NAME", () => ({})],
  ["ADDR", readAddress],
  [
    "PORT",
    (value) =>
      /^[1-9]\d{0,4}$/.test(value) && Number(value) < 65_536 ? { remotePort: Number(value) } : null,
  ],
  ["PROTO", (value) => (/^E?SMTP$/i.test(value) ? {} : null)],
  ["HELO", (helo) => (/^[^ ]+$/.test(helo) && helo.length <= domainMaxOctets ? { helo } : null)],
  ["LOGIN", (user) => (user === "" ? null : { user })],
  ["DESTADDR", () => ({})],
  ["DESTPORT", () => ({})],
]);

/** What EHLO offers. */
export const xclientKeywords = ({ canXclient }: Policy): readonly string[] =>
  canXclient ? [`XCLIENT ${[...attributes.keys()].join(" ")}`] : [];

export function xclient(session: Session, argument: string, { canXclient }: Policy): Step {
  if (!canXclient) return answer(session, replies.notAuthorized);
  if (session.transaction !== null) return answer(session, replies.notInTransaction);
  const change = parseAttributes(argument);
  if (change === null) return answer(session, replies.badXclient);
  return { kind: "ask", session, ask: { kind: "xclient", client: { ...session.client, ...change } } };
}

function parseAttributes(text: string): Change | null {
  let change: Change = {};
  for (const word of text.split(/ +/)) {
    const [, name = "", encoded = ""] = /^([A-Za-z]+)=(.+)$/.exec(word) ?? [];
    const read = attributes.get(name.toUpperCase());
    const value = decodeXtext(encoded);
    if (read === undefined || value === null) return null;
    // What the proxy does not know stays as it is.
    const said = /^\[(?:UNAVAILABLE|TEMPUNAVAIL)\]$/i.test(value) ? {} : read(value);
    if (said === null) return null;
    change = { ...change, ...said };
  }
  return change;
}

function readAddress(value: string): Change | null {
  const [, ipv6] = /^IPV6:(.*:.*)$/i.exec(value) ?? [];
  const text = (ipv6 ?? value).toLowerCase();
  const isAddress =
    parseIp(text) !== null && !text.includes("%") && text.includes(":") === (ipv6 !== undefined);
  return isAddress ? { remoteIp: text.replace(/^::ffff:(?=\d+\.)/, "") } : null;
}
