import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openSecrets } from "../../infra/local/secrets.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("each endpoint gets a secret of its own on first start", (context) => {
  const secrets = openSecrets(temporaryFolder(context), ["helpdesk", "billing"]);
  assert.deepEqual(Object.keys(secrets), ["helpdesk", "billing"]);
  assert.match(secrets["helpdesk"]?.[0] ?? "", /^whsec_[A-Za-z0-9+/]{32}$/);
  assert.notDeepEqual(secrets["helpdesk"], secrets["billing"]);
});

test("the next start has the same secrets, and a new endpoint a new one", (context) => {
  const folder = temporaryFolder(context);
  const first = openSecrets(folder, ["helpdesk"]);
  const second = openSecrets(folder, ["helpdesk", "billing"]);
  assert.deepEqual(second["helpdesk"], first["helpdesk"]);
  assert.equal(second["billing"]?.length, 1);
  assert.deepEqual(openSecrets(folder, []), second);
});

test("no one else may read the file", (context) => {
  const folder = temporaryFolder(context);
  openSecrets(folder, ["helpdesk"]);
  assert.equal(statSync(join(folder, "secrets.json")).mode & 0o777, 0o600);
});

const bad: readonly [string, string, RegExp][] = [
  ["a file that is not JSON", "whsec_c2VjcmV0", /secrets\.json cannot be read: it must hold JSON like/],
  [
    "a secret that is too short",
    '{"helpdesk":["whsec_c2VjcmV0"]}',
    /secrets\.json: helpdesk\.0 is not right/,
  ],
  ["an endpoint without a secret", '{"helpdesk":[]}', /secrets\.json: helpdesk is not right/],
  [
    "a third secret",
    `{"helpdesk":${JSON.stringify(Array(3).fill(`whsec_${"A".repeat(32)}`))}}`,
    /helpdesk is not right/,
  ],
];
for (const [name, content, message] of bad) {
  test(`${name} is refused, unchanged, and not shown`, (context) => {
    const folder = temporaryFolder(context);
    const file = join(folder, "secrets.json");
    writeFileSync(file, content);
    assert.throws(
      () => openSecrets(folder, ["helpdesk"]),
      (error) => {
        assert.ok(error instanceof Error);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /whsec_[Ac]/);
        return true;
      },
    );
    assert.equal(readFileSync(file, "utf8"), content);
  });
}
