import assert from "node:assert/strict";
import { test } from "node:test";
import { createPost, publicLookup } from "../../functions/deliver/post.ts";
import { lookupOf, requestTo, serve } from "./servers.ts";

const post = createPost();

for (const [sentence, url, allowPrivateAddress, code] of [
  ["what is no URL", "app.example.com", true, "bad-url"],
  ["another protocol", "ftp://app.example.com/", true, "bad-url"],
  ["http", "http://app.example.com/", false, "https-required"],
  ["a loopback address", "https://127.0.0.1/", false, "private-address"],
  ["a decimal address", "https://2130706433/", false, "private-address"],
  ["an octal address", "https://0177.0.0.1/", false, "private-address"],
  ["a hexadecimal address", "https://0x7f.1/", false, "private-address"],
  ["a hexadecimal address in one piece", "https://0x7f000001/", false, "private-address"],
  ["an address in percents", "https://%31%32%37.0.0.1/", false, "private-address"],
  ["the address of any interface", "https://0/", false, "private-address"],
  ["a short address", "https://127.1/", false, "private-address"],
  ["an address with a dot behind", "https://127.0.0.1./", false, "private-address"],
  ["the metadata address", "https://169.254.169.254/latest/meta-data", false, "private-address"],
  ["an IPv6 loopback address", "https://[::1]/", false, "private-address"],
  ["a mapped loopback address", "https://[::ffff:127.0.0.1]/", false, "private-address"],
  ["a mapped metadata address, in hex", "https://[::ffff:a9fe:a9fe]/", false, "private-address"],
  ["any IPv6 interface", "https://[::]/", false, "private-address"],
  ["a NAT64 address of loopback", "https://[64:ff9b::7f00:1]/", false, "private-address"],
  ["a 6to4 address", "https://[2002:7f00:1::1]/", false, "private-address"],
  ["a Teredo address", "https://[2001:0:7f00:1::1]/", false, "private-address"],
  ["a unique local address", "https://[fd00:ec2::254]/", false, "private-address"],
  ["a link-local address", "https://[fe80::1]/", false, "private-address"],
  ["a link-local address with its zone", "https://[fe80::1%25lo]/", false, "bad-url"],
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
  ["a mapped address", ["::ffff:10.0.0.1"]],
  ["a unique local address, the last of many", [...Array.from({ length: 50 }, () => "1.1.1.1"), "fd00::1"]],
] as const)
  test(`a name with ${sentence} is refused`, async () => {
    const { lookup } = lookupOf([...addresses]);
    const result = await createPost({ lookup })(
      requestTo("https://app.test/", { allowPrivateAddress: false }),
    );
    assert.partialDeepStrictEqual(result, { kind: "error", code: "private-address" });
  });

test("a name without addresses is a matter of DNS", async () => {
  const noAddress = createPost({ lookup: lookupOf([]).lookup });
  const result = await noAddress(requestTo("https://app.test/", { allowPrivateAddress: false }));
  assert.partialDeepStrictEqual(result, { kind: "error", code: "dns" });
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
