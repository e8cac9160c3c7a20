import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { connect as connectTls, type SecureVersion } from "node:tls";
import { fromFiles, fromSecret } from "../../functions/smtp/certificate-sources.ts";
import {
  type CertificatePair,
  openCertificates,
  type ReadCertificate,
} from "../../functions/smtp/certificates.ts";
import { makeSelfSigned } from "../../functions/smtp/self-signed.ts";
import { startTestServer, testCertificate } from "../support/smtp-server.ts";
import { createTemporaryFolder } from "../support/temporary-folder.ts";

const { path: folder, remove } = createTemporaryFolder();
after(remove);

const [first, wild, other] = await Promise.all([
  testCertificate(),
  makeSelfSigned("*.wild.test"),
  makeSelfSigned("other.test"),
]);

const never = () => Promise.reject(new Error("no substitute is asked for"));

function open(sources: readonly ReadCertificate[], makeSubstitute: () => Promise<CertificatePair> = never) {
  const errors: unknown[] = [];
  const report = (error: unknown) => void errors.push(error);
  return { errors, opened: openCertificates(sources, { makeSubstitute, report }) };
}

test("each name has its certificate, and every other name the first one", async () => {
  const certificates = await open([async () => first, async () => wild, async () => other]).opened;
  const isFirst = certificates.find();
  const rows = [
    ["mx.test", true],
    ["MX.TEST", true],
    ["a.wild.test", false],
    ["a.b.wild.test", true],
    ["other.test", false],
    ["else.test", true],
    ["", true],
    ["\u0000", true],
  ] as const;
  for (const [name, expected] of rows) assert.equal(certificates.find(name) === isFirst, expected, name);
  assert.notEqual(certificates.find("a.wild.test"), certificates.find("other.test"));
});

test("a renewed certificate is picked up; a broken one is reported and leaves the last good one", async () => {
  const files = { certFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
  const write = ({ cert, key }: CertificatePair) => {
    writeFileSync(files.certFile, cert);
    writeFileSync(files.keyFile, key);
  };
  write(first);
  const { opened, errors } = open([fromFiles(files)]);
  const certificates = await opened;
  const before = certificates.find();
  await certificates.reload();
  assert.equal(certificates.find(), before);
  write(other);
  await certificates.reload();
  const renewed = certificates.find();
  assert.notEqual(renewed, before);
  for (const broken of [
    { cert: "broken", key: "broken" },
    { cert: first.cert, key: other.key },
  ]) {
    write(broken);
    await certificates.reload();
    assert.equal(certificates.find(), renewed);
  }
  assert.equal(errors.length, 2);
});

test("where no source has anything good there is a substitute, until one has", async () => {
  let secret = JSON.stringify({ certificate: "", privateKey: "", unused: "x" });
  const { opened, errors } = open([fromSecret("tls", async () => secret)], async () => other);
  const certificates = await opened;
  const substitute = certificates.find("mx.test");
  assert.ok(substitute !== null);
  assert.deepEqual(errors, []);
  secret = JSON.stringify({ certificate: first.cert, privateKey: first.key });
  await certificates.reload();
  assert.notEqual(certificates.find("mx.test"), substitute);
  assert.deepEqual(errors, []);
});

test("a source that fails from the start has a substitute too, and is reported", async () => {
  const { opened, errors } = open([() => Promise.reject(new Error("no such secret"))], async () => other);
  assert.ok((await opened).find() !== null);
  assert.deepEqual(errors.map(String), ["Error: no such secret"]);
});

for (const [sentence, text] of [
  ["no JSON", "-----BEGIN PRIVATE KEY-----"],
  ["without its key", JSON.stringify({ certificate: "PRIVATE" })],
  ["of another kind", "[]"],
] as const) {
  test(`a secret that is ${sentence} is told by its name, and not by what it holds`, async () => {
    await assert.rejects(
      fromSecret("tls", async () => text)(),
      ({ message }: Error) => message.includes("secret tls") && !message.includes("PRIVATE"),
    );
  });
}

const versions: readonly [SecureVersion, string | null][] = [
  ["TLSv1.1", null],
  ["TLSv1.2", "TLSv1.2"],
  ["TLSv1.3", "TLSv1.3"],
];
for (const [maxVersion, expected] of versions) {
  test(`a client of at most ${maxVersion} gets ${expected ?? "no handshake"}`, {
    timeout: 10_000,
  }, async () => {
    const certificates = await open([async () => first]).opened;
    const server = await startTestServer({ protocol: "smtps" }, { secureContext: certificates.find });
    const socket = connect(server.port, "127.0.0.1");
    assert.equal(await versionOf(socket, maxVersion), expected);
    socket.destroy();
    await server.close();
  });
}

async function versionOf(socket: Socket, maxVersion: SecureVersion): Promise<string | null> {
  const options = { minVersion: "TLSv1", maxVersion, ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const secure = connectTls({ socket, rejectUnauthorized: false, ...options });
  const failed = once(secure, "error").then(() => null);
  return Promise.race([once(secure, "secureConnect").then(() => secure.getProtocol()), failed]);
}
