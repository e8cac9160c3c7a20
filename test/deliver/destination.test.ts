import assert from "node:assert/strict";
import { createServer as createTlsServer } from "node:https";
import type { LookupFunction } from "node:net";
import { test } from "node:test";
import { generate } from "selfsigned";
import { createPost, publicLookup } from "../../functions/deliver/post.ts";
import { listen, lookupOf, requestTo, serve } from "./servers.ts";

const post = createPost();

for (const [sentence, url, allowPrivateAddress, code] of [
  ["what is no URL", "app.example.com", true, "bad-url"],
  ["another protocol", "ftp://app.example.com/", true, "bad-url"],
  ["http", "http://app.example.com/", false, "https-required"],
  ["a loopback address", "https://127.0.0.1/", false, "private-address"],
  ["a decimal address", "https://2130706433/", false, "private-address"],
  ["an octal address", "https://0177.0.0.1/", false, "private-address"],
  ["a hexadecimal address", "https://0x7f.1/", false, "private-address"],
  ["a short address", "https://127.1/", false, "private-address"],
  ["an address with a dot behind", "https://127.0.0.1./", false, "private-address"],
  ["the metadata address", "https://169.254.169.254/latest/meta-data", false, "private-address"],
  ["an IPv6 loopback address", "https://[::1]/", false, "private-address"],
  ["a mapped loopback address", "https://[::ffff:127.0.0.1]/", false, "private-address"],
  ["an address in full-width digits", "https://１２７.0.0.1/", false, "private-address"],
  ["localhost", "https://localhost/", false, "private-address"],
] as const)
  test(`${sentence} is refused`, async () => {
    assert.partialDeepStrictEqual(await post(requestTo(url, { allowPrivateAddress })), {
      kind: "error",
      code,
    });
  });

for (const [sentence, addresses] of [
  ["a private address", ["10.0.0.1"]],
  ["a public and a private address", ["1.1.1.1", "10.0.0.1"]],
  ["a public address and IPv6 loopback", ["1.1.1.1", "::1"]],
  ["the metadata address, embedded", ["64:ff9b::a9fe:a9fe"]],
] as const)
  test(`a name with ${sentence} is refused`, async () => {
    const { lookup } = lookupOf([...addresses]);
    const result = await createPost({ lookup })(
      requestTo("https://app.test/", { allowPrivateAddress: false }),
    );
    assert.partialDeepStrictEqual(result, { kind: "error", code: "private-address" });
  });

for (const [sentence, options, expected] of [
  [
    "all addresses",
    { all: true },
    [
      [
        { address: "1.1.1.1", family: 4 },
        { address: "2606:4700::1", family: 6 },
      ],
    ],
  ],
  ["the first address", {}, ["1.1.1.1", 4]],
] as const)
  test(`a public name gives ${sentence} where that is asked for`, async () => {
    const lookup = publicLookup(lookupOf(["1.1.1.1", "2606:4700::1"]).lookup);
    const found = await new Promise((resolve) =>
      lookup("app.test", options, (_, address, family) =>
        resolve(family === undefined ? [address] : [address, family]),
      ),
    );
    assert.deepEqual(found, expected);
  });

test("a name is looked up once, by the connection itself: a second answer comes too late", async () => {
  const { lookup, asked } = lookupOf(["127.0.0.1"], ["1.1.1.1"]);
  const result = await createPost({ lookup })(requestTo("https://app.test/", { allowPrivateAddress: false }));
  assert.partialDeepStrictEqual(result, { kind: "error", code: "private-address" });
  assert.deepEqual(asked, ["app.test"]);
});

test("a connection to a private address is not lent to a request that may not have one", async () => {
  await using server = await serve((_, response) => void response.end());
  const { lookup } = lookupOf(["127.0.0.1"]);
  const both = createPost({ lookup });
  const url = `http://app.test:${server.port}/`;
  assert.partialDeepStrictEqual(await both(requestTo(url)), { status: 200 });
  const refused = await both(requestTo(url.replace("http:", "https:"), { allowPrivateAddress: false }));
  assert.partialDeepStrictEqual(refused, { code: "private-address" });
});

test("a name that does not exist is a matter of DNS", async () => {
  const lookup: LookupFunction = (hostname, _, callback) =>
    callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: "ENOTFOUND" }), []);
  const result = await createPost({ lookup })(requestTo("https://app.test/", { allowPrivateAddress: false }));
  assert.partialDeepStrictEqual(result, { kind: "error", code: "dns" });
});

const { private: key, cert } = await generate([{ name: "commonName", value: "app.test" }], {
  keySize: 2048,
  extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "app.test" }] }],
});
const tlsServer = () => listen(createTlsServer({ key, cert }, (_, response) => void response.end("ok")));

for (const [sentence, host, ca, expected] of [
  [
    "a certificate that is trusted is sent to",
    "app.test",
    cert,
    { kind: "answer", status: 200, excerpt: "ok" },
  ],
  ["a certificate that nobody signed is refused", "app.test", undefined, { kind: "error", code: "tls" }],
  ["a certificate of another name is refused", "other.test", cert, { kind: "error", code: "tls" }],
] as const)
  test(sentence, async () => {
    await using server = await tlsServer();
    const { lookup } = lookupOf(["127.0.0.1"]);
    const secure = createPost({ lookup, ...(ca === undefined ? {} : { ca }) });
    assert.partialDeepStrictEqual(await secure(requestTo(`https://${host}:${server.port}/`)), expected);
  });

test("a port that speaks no TLS is a matter of TLS", async () => {
  await using server = await serve((_, response) => void response.end());
  const result = await post(requestTo(`https://127.0.0.1:${server.port}/`));
  assert.partialDeepStrictEqual(result, { kind: "error", code: "tls" });
});
