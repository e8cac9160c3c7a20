/**
 * The bundled function that renews the certificate, before Pebble, the test server of Let's Encrypt, and a zone and a
 * secret on loopback: `node --test test/suites/certificate.ts`, with the programs `pebble` and `pebble-challtestsrv`.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { readCertificateSecret } from "../../functions/mail/certificate-secret.ts";
import { judgeCertificate } from "../../functions/renew/certificate.ts";
import { emulatedIdentity } from "../aws/emulated.ts";
import { type Answer, type Asked, startScripted } from "../aws/scripted.ts";
import { freePort, lineOf } from "../deploy/emulator.ts";
import { createLambda } from "../deploy/lambda.ts";
import { makeCertificate } from "../renew/made-certificate.ts";
import { createTemporaryFolder } from "../support/temporary-folder.ts";

Object.assign(process.env, emulatedIdentity);
const hostname = "mx.example.com";
const { path: folder, remove } = createTemporaryFolder();
after(remove);

const [dnsPort, managementPort, acmePort, pebblePort] = await Promise.all(
  Array.from({ length: 4 }, freePort),
);
const children: ChildProcess[] = [];
after(async () => {
  await Promise.all(children.map(async (child) => child.kill() && once(child, "exit")));
});

await start("pebble-challtestsrv", /Starting challenge servers/, [
  ...["-dns01", `127.0.0.1:${dnsPort}`, "-management", `127.0.0.1:${managementPort}`],
  ...["-http01", "", "-https01", "", "-tlsalpn01", ""],
]);
const trusted = await startPebble();

let secretText = '{"certificate":"","privateKey":""}';
let isZoneDeaf = false;
let isInSync = false;
const changes: string[] = [];
const aws = await startScripted(answer);
after(aws.close);

const { invoke } = createLambda("functions/renew/handler.ts", join(folder, "renew"), {
  environment: {
    AWS_ENDPOINT_URL: aws.endpoint,
    MAILCHUTE_ACME_DIRECTORY: `https://localhost:${acmePort}/dir`,
    MAILCHUTE_HOSTED_ZONE: "Z123",
    MAILCHUTE_HOSTNAME: hostname,
    MAILCHUTE_SERVICE: "mailchute",
    MAILCHUTE_TLS_SECRET: "mailchute/tls",
    NODE_EXTRA_CA_CERTS: trusted,
  },
});

test("a name that the authority cannot see gets no certificate, and the secret stays as it was", async () => {
  isZoneDeaf = true;
  await assert.rejects(invoke({}));
  isZoneDeaf = false;
  assert.equal(secretText, '{"certificate":"","privateKey":""}');
  assert.deepEqual(changes.splice(0), ["UPSERT", "DELETE"]);
});

test("a secret without a certificate gets one from the authority, with its chain and its key", async () => {
  assert.equal(await invoke({}), "renewed");
  const { certificate = "" } = readCertificateSecret(secretText) ?? {};
  assert.match(new X509Certificate(certificate).issuer, /Pebble Intermediate/);
  assert.ok(certificate.split("BEGIN CERTIFICATE").length > 2, "the chain is there");
  assert.equal(judgeCertificate(secretText, hostname, Date.now()).isDue, false);
  assert.deepEqual(changes, ["UPSERT", "DELETE"]);
});

test("a certificate that is not due is left alone", async () => {
  const before = secretText;
  assert.equal(await invoke({}), "kept");
  assert.equal(secretText, before);
  assert.equal(changes.length, 2);
});

/** What the function asks of Secrets Manager and Route 53. */
function answer(asked: Asked): Answer {
  const { headers, url, body } = asked;
  const target = String(headers["x-amz-target"]).replace("secretsmanager.", "");
  if (target === "PutSecretValue") secretText = JSON.parse(String(body)).SecretString;
  if (target === "GetSecretValue") return { body: JSON.stringify({ SecretString: secretText }) };
  if (url.endsWith("/rrset")) changeRecord(String(body));
  return url.startsWith("/2013-04-01/") ? changeInfo() : { body: "{}" };
}

function changeRecord(xml: string): void {
  const [action = "", host = "", value = ""] = ["Action", "Name", "Value"].map(
    (tag) => new RegExp(`<${tag}>(?:&quot;)?(.*?)(?:&quot;)?</${tag}>`).exec(xml)?.[1] ?? "",
  );
  changes.push(action);
  assert.equal(host, `_acme-challenge.${hostname}`);
  if (isZoneDeaf) return;
  isInSync = false;
  // A deletion takes all values away, as there is one only.
  const path = action === "UPSERT" ? "set-txt" : "clear-txt";
  void fetch(`http://127.0.0.1:${managementPort}/${path}`, {
    method: "POST",
    body: JSON.stringify({ host: `${host}.`, value }),
  }).then(({ ok }) => {
    isInSync = ok;
  });
}

const changeInfo = (): Answer => ({
  headers: { "content-type": "text/xml" },
  body: `<R xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeInfo><Id>/change/C1</Id><Status>${isInSync || isZoneDeaf ? "INSYNC" : "PENDING"}</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo></R>`,
});

/** Gives the file of the certificate that Pebble itself serves with. */
async function startPebble(): Promise<string> {
  const own = await makeCertificate("localhost", { originMs: Date.now(), fromDay: -1, toDay: 1 });
  const [certificate, privateKey] = [join(folder, "pebble.pem"), join(folder, "pebble.key")];
  writeFileSync(certificate, own.certificate);
  writeFileSync(privateKey, own.privateKey);
  const config = {
    listenAddress: `127.0.0.1:${acmePort}`,
    managementListenAddress: `127.0.0.1:${pebblePort}`,
    certificate,
    privateKey,
    httpPort: 1,
    tlsPort: 1,
    ocspResponderURL: "",
    externalAccountBindingRequired: false,
  };
  const file = join(folder, "pebble.json");
  writeFileSync(file, JSON.stringify({ pebble: config }));
  await start("pebble", /^Pebble.*Listening on|ACME directory available/, [
    ...["-config", file, "-strict", "-dnsserver", `127.0.0.1:${dnsPort}`],
  ]);
  return certificate;
}

async function start(program: string, isReady: RegExp, args: readonly string[]): Promise<void> {
  const env = { ...process.env, PEBBLE_VA_NOSLEEP: "1", PEBBLE_AUTHZREUSE: "0" };
  const child = spawn(program, [...args], { env });
  children.push(child);
  await lineOf(child, isReady);
}
