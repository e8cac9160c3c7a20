/** Between the network and the greeting: from a socket to a client that is known. */
import type { Socket } from "node:net";
import { isOfSomeNetwork } from "../mail/cidr.ts";
import type { Client, Policy } from "./protocol/session.ts";
import { type ProxiedClient, type ProxyHeader, parseProxyHeader } from "./proxy-header.ts";
import { type FindContext, startTls } from "./tls-socket.ts";

/** What a port speaks; `smtps` is SMTP within TLS from the first octet on (RFC 8314 §3.3). */
export type Protocol = Policy["protocol"] | "smtps";

/** A socket that is ready for a session. */
export interface Arrival {
  readonly socket: Socket;
  readonly tls: Client["tls"];
}

/** Who the client is: the other end or, where balancers stand before the server, who they say. Null for nobody. */
export async function findClient(
  socket: Socket,
  balancers: readonly string[],
): Promise<ProxiedClient | null> {
  const { remoteAddress, remotePort = 0 } = socket;
  if (remoteAddress === undefined) return null;
  const peer = { remoteIp: normalizeIp(remoteAddress), remotePort };
  if (balancers.length === 0) return peer;
  // None but they are heard.
  if (!isOfSomeNetwork(balancers, peer.remoteIp)) return null;
  const header = await readHeader(socket);
  return header.kind === "header" ? (header.client ?? peer) : null;
}

/** An IPv4 client of a dual-stack listener is an IPv4 client. */
const normalizeIp = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");

/** What stands behind the header is left in the socket. */
function readHeader(socket: Socket): Promise<ProxyHeader> {
  const { promise, resolve } = Promise.withResolvers<ProxyHeader>();
  let received = Buffer.alloc(0);
  const read = (octets: Buffer) => {
    received = Buffer.concat([received, octets]);
    const header = parseProxyHeader(received);
    if (header.kind === "partial") return;
    socket.off("data", read).pause();
    const behind = header.kind === "header" ? received.subarray(header.octets) : received;
    if (behind.length > 0) socket.unshift(behind);
    resolve(header);
  };
  socket.on("data", read).once("close", () => resolve({ kind: "partial" }));
  return promise;
}

/** TLS from the first octet on; null when the client goes, or is sent away, before it stands. */
export function shakeHands(socket: Socket, findContext: FindContext): Promise<Arrival | null> {
  const { promise, resolve } = Promise.withResolvers<Arrival | null>();
  const secure = startTls(socket, findContext, (tls) => resolve({ socket: secure, tls }));
  socket.once("close", () => resolve(null));
  return promise;
}
