import { decodeEnvelopeBlock, envelopeBytesMetadata } from "../../functions/mail/envelope-block.ts";
import type { SmtpSection } from "../../functions/mail/smtp-section.ts";
import { createMemoryStore, type MemoryStore } from "./memory-store.ts";
import { openSmtpClient } from "./smtp-client.ts";
import type { DialogueSetup } from "./smtp-dialogue.ts";
import { type Peer, type ReceivedOctets, testConfig } from "./smtp-peer.ts";
import { startTestServer, testSecureContext } from "./smtp-server.ts";
import { createServerTime } from "./smtp-time.ts";

/** The whole server behind a socket. */
export async function createTcpPeer(setup: DialogueSetup): Promise<Peer> {
  const context = await testSecureContext();
  const config = testConfig(setup);
  const memory = createMemoryStore();
  const time = createServerTime();
  const store = { ...memory, ...(setup.store === "failing" ? failing : {}) };
  const server = await startTestServer(
    {
      ...(setup.protocol === undefined ? {} : { protocol: setup.protocol }),
      ...(setup.memory === "full" ? { maxBufferedBytes: 0 } : {}),
    },
    {
      store,
      config: () => ({
        ...config,
        smtp: {
          ...config.smtp,
          ...(setup.greeting === "late" ? late : {}),
          ...(setup.client === "refused" ? listed : {}),
          ...(setup.connections === "full" ? alone : {}),
        },
      }),
      ...time.deps,
      resolve: async () => ["127.0.0.2"],
      ...(setup.tls === "on" ? { secureContext: () => context } : {}),
      ...(setup.tls === "broken" ? { secureContext: () => null } : {}),
    },
  );
  const others = setup.connections === "full" ? [await openSmtpClient(server.port)] : [];
  for (const other of others) await other.reply();
  const client = await openSmtpClient(server.port);
  let closed: Promise<void> | undefined;
  const close = () => {
    for (const other of others) other.destroy();
    closed ??= server.close();
    return closed;
  };
  return {
    // Time stands still but for this: what a dialogue does must not hang on it.
    wait: async (seconds) => {
      await untilRead();
      for (let second = 0; second < seconds; second++) time.pass(1000);
    },
    stop: () => void close(),
    send: async (octets) => client.send(octets),
    reply: client.reply,
    startTls: client.startTls,
    end: async () => {
      const rest = await client.end();
      await close();
      return rest;
    },
    messages: () => storedMessages(memory),
    close: async () => {
      client.destroy();
      await close();
    },
  };
}

/** Loopback has taken what was sent; the server has read it after some turns. */
async function untilRead(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const { perAddress } = testConfig().smtp;
const alone: Partial<SmtpSection> = {
  exemptFrom: [],
  greetingDelayMs: 0,
  perAddress: { ...perAddress, connectionsMax: 1 },
};

const late: Partial<SmtpSection> = { exemptFrom: [], greetingDelayMs: 10_000 };

const { dns } = testConfig().smtp;
const listed: Partial<SmtpSection> = {
  exemptFrom: [],
  greetingDelayMs: 0,
  earlyPipelining: "allow",
  dns: { ...dns, blockLists: ["list.test"] },
};

const failing = {
  put: async () => {
    throw new Error("the disk is full");
  },
};

/** What is in a store, in the order it came. */
export function storedMessages({ objects }: MemoryStore): readonly ReceivedOctets[] {
  return [...objects.values()].map(({ bytes, metadata }) => {
    const envelopeBytes = Number(metadata?.[envelopeBytesMetadata]);
    const block = bytes.subarray(0, envelopeBytes);
    const { envelope } = decodeEnvelopeBlock(block);
    return { octets: bytes.subarray(envelopeBytes), envelope, block: block.toString() };
  });
}
