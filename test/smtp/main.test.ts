import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { configKey } from "../../functions/aws/config.ts";
import { openSecretText } from "../../functions/aws/secret-text.ts";
import { listen } from "../../infra/local/listen.ts";
import { emulatedIdentity } from "../aws/emulated.ts";
import { makeCertificate } from "../renew/made-certificate.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { startMoto } from "../support/moto.ts";
import { createS3Server } from "../support/s3-server.ts";
import { openSmtpClient } from "../support/smtp-client.ts";
import { codes, transaction } from "../support/smtp-talk.ts";

const config = {
  hostname: "mx.test",
  endpoints: { inbox: { sink: true } },
  routes: [{ name: "all", when: { recipient: "*@mx.test" }, to: ["inbox"] }],
};

/** The container's program, before an S3 of its own. */
async function startMain(environment: Readonly<Record<string, string>>) {
  const store = createMemoryStore();
  await store.put(configKey, [Buffer.from(JSON.stringify(config))]);
  const s3 = createS3Server(store);
  const endpoint = `http://127.0.0.1:${await listen(s3, "127.0.0.1", 0)}`;
  const child = spawn(process.execPath, ["functions/smtp/main.ts"], {
    env: {
      ...emulatedIdentity,
      AWS_ENDPOINT_URL: endpoint,
      MAILCHUTE_BUCKET: "mail",
      MAILCHUTE_SMTP_HOST: "127.0.0.1",
      MAILCHUTE_SMTP_PORT: "0",
      ...environment,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ready = new Map<string, number>();
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith("ready ")) continue;
    for (const [, name = "", port] of line.matchAll(/ (\w+)=127\.0\.0\.1:(\d+)/g))
      ready.set(name, Number(port));
    break;
  }
  child.stdout.resume();
  const exited = once(child, "exit");
  return {
    store,
    port: (name: string) => ready.get(name) ?? 0,
    signal: () => child.kill("SIGTERM"),
    ended: async () => {
      const [code] = await exited;
      s3.closeAllConnections();
      s3.close();
      return code;
    },
  };
}

test("row 36: on SIGTERM the program tells so, says 421 to who is idle, lets a message arrive, and ends", {
  timeout: 60_000,
}, async () => {
  const main = await startMain({
    MAILCHUTE_SMTPS_PORT: "0",
    MAILCHUTE_LMTP_PORT: "0",
    MAILCHUTE_HEALTH_PORT: "0",
  });
  const state = async () => (await fetch(`http://127.0.0.1:${main.port("health")}/`)).json();
  const busy = await openSmtpClient(main.port("smtp"));
  busy.send(transaction);
  assert.equal((await codes(busy, 5)).at(-1), "354 End d");
  const secure = await openSmtpClient(main.port("smtps"));
  // Made for the start, since no certificate is configured.
  assert.equal(await secure.startTls("mx.test"), "mx.test");
  const lmtp = await openSmtpClient(main.port("lmtp"));
  lmtp.send("LHLO client.test\r\n");
  assert.deepEqual(await codes(lmtp, 2), ["220 mx.te", "250-mx.te"]);
  assert.deepEqual(await codes(secure, 1), ["220 mx.te"]);
  assert.deepEqual(await state(), { state: "ready" });
  main.signal();
  assert.deepEqual(await codes(lmtp, 2), ["421 4.3.2", null]);
  assert.deepEqual(await codes(secure, 2), ["421 4.3.2", null]);
  assert.deepEqual(await state(), { state: "draining" });
  busy.send("x\r\n.\r\n");
  assert.deepEqual(await codes(busy, 3), ["250 2.0.0", "421 4.3.2", null]);
  assert.equal(await main.ended(), 0);
  assert.equal(main.store.objects.size, 2);
});

test("a certificate that is put into Secrets Manager is what the next client gets, without a restart", {
  timeout: 60_000,
}, async (context) => {
  const moto = await startMoto();
  if (moto === null) {
    assert.ok(!process.env["CI"], "moto_server is not installed, and CI must run this");
    return context.skip("SKIPPED, NOT PASSED: moto_server is not installed (pip install 'moto[server]')");
  }
  context.after(moto.close);
  Object.assign(process.env, emulatedIdentity);
  const Name = "mailchute/tls/certificate";
  // As the stack makes it, before the first certificate is there.
  const SecretString = JSON.stringify({ certificate: "", privateKey: "", unused: "x" });
  const secretsManager = new SecretsManagerClient({ endpoint: moto.endpoint });
  await secretsManager.send(new CreateSecretCommand({ Name, SecretString }));
  const main = await startMain({
    MAILCHUTE_SECRETS_MANAGER_ENDPOINT: moto.endpoint,
    MAILCHUTE_TLS_SECRET: Name,
    MAILCHUTE_TLS_RELOAD_SECONDS: "1",
  });
  const untilServed = async (name: string) => {
    while ((await servedName(main.port("smtp"))) !== name) await pause(50);
  };
  await untilServed("mx.test");
  const { write } = openSecretText(Name, moto.endpoint);
  for (const name of ["first.mx.test", "second.mx.test"]) {
    await write(
      JSON.stringify(await makeCertificate(name, { originMs: Date.now(), fromDay: -1, toDay: 90 })),
    );
    await untilServed(name);
  }
  main.signal();
  assert.equal(await main.ended(), 0);
});

/** The name in the certificate that a client gets by STARTTLS. */
async function servedName(port: number): Promise<string> {
  const client = await openSmtpClient(port);
  await client.reply();
  await client.command("EHLO client.test");
  assert.match((await client.command("STARTTLS")) ?? "", /^220 /);
  const name = await client.startTls("mx.test");
  client.destroy();
  return name;
}
