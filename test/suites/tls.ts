/**
 * testssl.sh, of the Debian package, looks at STARTTLS and at implicit TLS, and finds nothing of severity HIGH or more:
 * `node --test test/suites/tls.ts`, which takes minutes. Certificates are of a small authority, which it is told to trust.
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import * as z from "zod";
import { fromFiles } from "../../functions/smtp/certificate-sources.ts";
import { openCertificates } from "../../functions/smtp/certificates.ts";
import { startTestServer } from "../support/smtp-server.ts";
import { createTemporaryFolder } from "../support/temporary-folder.ts";
import { run } from "./outside/processes.ts";

const { path: folder, remove } = createTemporaryFolder();
after(remove);
const file = (name: string) => join(folder, name);

const key = (name: string) => ["-newkey", "rsa:2048", "-nodes", "-keyout", file(`${name}.key`)];
await run("openssl", [
  ...["req", "-x509", ...key("ca"), "-out", file("ca.pem"), "-days", "365", "-subj", "/CN=Test CA"],
]);
await run("openssl", ["req", ...key("mx"), "-out", file("mx.csr"), "-subj", "/CN=mx.test"]);
await writeFile(
  file("mx.ext"),
  "subjectAltName=DNS:mx.test\nextendedKeyUsage=serverAuth\ncrlDistributionPoints=URI:http://ca.test/crl\n",
);
await run("openssl", [
  ...[
    "x509",
    "-req",
    "-in",
    file("mx.csr"),
    "-out",
    file("mx.pem"),
    "-days",
    "365",
    "-extfile",
    file("mx.ext"),
  ],
  ...["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial"],
]);
const certificates = await openCertificates(
  [fromFiles({ certFile: file("mx.pem"), keyFile: file("mx.key") })],
  {
    makeSubstitute: () => assert.fail("the certificate is no good"),
    report: assert.ifError,
  },
);

const Findings = z.array(z.object({ id: z.string(), severity: z.string(), finding: z.string() }));
const severe = new Set(["HIGH", "CRITICAL", "FATAL"]);

/** What it finds that is severe; it fails where it cannot look. */
async function scan(port: number, options: readonly string[]): Promise<readonly string[]> {
  const report = file(`${port}-${options.length}.json`);
  const silent = ["--quiet", "--color", "0", "--warnings", "off", "--nodns", "none"];
  const target = ["--ip", "127.0.0.1", `mx.test:${port}`];
  // Its exit code counts what it found.
  const said = await run("testssl", [...silent, "--jsonfile", report, ...options, ...target]).catch(String);
  const findings = Findings.parse(JSON.parse(await readFile(report, "utf8").catch(() => "[]")));
  assert.ok(
    findings.some(({ id }) => id === "cert_chain_of_trust"),
    said,
  );
  return findings
    .filter(({ severity }) => severe.has(severity))
    .map(({ id, severity, finding }) => `${severity} ${id}: ${finding}`);
}

const everything = ["--protocols", "--std", "--server-defaults", "--pfs", "--vulnerable"];
const trusted = ["--add-ca", file("ca.pem")];
const ways = [
  ["STARTTLS", "smtp", ["--starttls", "smtp"]],
  // Which cipher the server prefers is the same in both, and takes long to find out by STARTTLS.
  ["implicit TLS", "smtps", ["--server-preference"]],
] as const;

for (const [how, protocol, options] of ways) {
  test(`testssl.sh finds nothing severe in ${how}`, { timeout: 600_000 }, async (context) => {
    const server = await startTestServer({ protocol }, { secureContext: certificates.find });
    context.after(server.close);
    assert.deepEqual(await scan(server.port, [...options, ...trusted, ...everything]), []);
    // It would say so: an authority that nobody trusts is severe.
    const starttls = options.filter((option) => option !== "--server-preference");
    const strange = await scan(server.port, [...starttls, "--server-defaults"]);
    assert.match(strange.join("\n"), /cert_chain_of_trust/);
  });
}
