import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** What the server does with one question. */
export type DnsReply =
  | { readonly kind: "txt"; readonly text: string }
  | { readonly kind: "code"; readonly code: number }
  /** Too long for UDP: the text comes over TCP alone. */
  | { readonly kind: "truncated"; readonly text: string }
  | { readonly kind: "silence" };

export interface DnsServer extends AsyncDisposable {
  /** `host:port`. */
  readonly address: string;
  /** `udp name` or `tcp name`, as they came. */
  readonly questions: string[];
}

/** A name server on loopback that answers TXT questions by table; other names do not exist. */
export async function startDnsServer(replies: Readonly<Record<string, DnsReply>>): Promise<DnsServer> {
  const questions: string[] = [];
  const answer = (transport: "udp" | "tcp", query: Buffer): Buffer | null => {
    const name = nameIn(query);
    questions.push(`${transport} ${name}`);
    return encode(query, replies[name] ?? { kind: "code", code: nxdomain }, transport);
  };

  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => {
    sockets.add(socket);
    serve(socket, (query) => answer("tcp", query));
  });
  tcp.listen(0, "127.0.0.1");
  await once(tcp, "listening");
  const bound = tcp.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");

  const udp = createSocket("udp4");
  udp.on("message", (query, { port, address }) => {
    const reply = answer("udp", query);
    if (reply !== null) udp.send(reply, port, address);
  });
  udp.bind(bound.port, "127.0.0.1");
  await once(udp, "listening");

  return {
    address: `127.0.0.1:${bound.port}`,
    questions,
    async [Symbol.asyncDispose]() {
      udp.close();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => tcp.close(resolve));
    },
  };
}

const nxdomain = 3;

/** Several questions come over one connection, each behind its length (RFC 1035 §4.2.2). */
function serve(socket: Socket, answer: (query: Buffer) => Buffer | null): void {
  let received = Buffer.alloc(0);
  socket.on("error", () => socket.destroy());
  socket.on("data", (octets) => {
    received = Buffer.concat([received, octets]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE()) {
      const end = 2 + received.readUInt16BE();
      const reply = answer(received.subarray(2, end));
      received = received.subarray(end);
      if (reply !== null) socket.write(Buffer.concat([uint16(reply.length), reply]));
    }
  });
}

function nameIn(query: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; query[at] !== 0; at += 1 + (query[at] ?? 0))
    labels.push(query.toString("latin1", at + 1, at + 1 + (query[at] ?? 0)));
  return labels.join(".").toLowerCase();
}

/** RFC 1035 §4.1: header, the question again, and one TXT record that points at the question's name. */
function encode(query: Buffer, reply: DnsReply, transport: "udp" | "tcp"): Buffer | null {
  if (reply.kind === "silence") return null;
  const isTruncated = reply.kind === "truncated" && transport === "udp";
  const text = reply.kind === "code" || isTruncated ? null : reply.text;
  const flags = 0x8180 | (isTruncated ? 0x0200 : 0) | (reply.kind === "code" ? reply.code : 0);
  const question = query.subarray(12, query.indexOf(0, 12) + 5);
  const header = [query.subarray(0, 2), ...[flags, 1, text === null ? 0 : 1, 0, 0].map(uint16)];
  return Buffer.concat([...header, question, ...(text === null ? [] : [record(text)])]);
}

function record(text: string): Buffer {
  const strings = (text.match(/.{1,255}/gs) ?? [""]).map((part) =>
    Buffer.concat([Buffer.from([part.length]), Buffer.from(part, "latin1")]),
  );
  const value = Buffer.concat(strings);
  return Buffer.concat([...[0xc00c, 16, 1, 0, 60, value.length].map(uint16), value]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
