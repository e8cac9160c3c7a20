import assert from "node:assert/strict";
import { test } from "node:test";
import { headersOf } from "../../functions/aws/attributes.ts";
import { PermanentError } from "../../functions/mail/errors.ts";
import type { ObjectAttributes } from "../../functions/mail/ports.ts";

test("attributes are headers, and an object without a type is bytes", () => {
  assert.deepEqual(headersOf({ contentType: "message/rfc822", metadata: { "envelope-bytes": "12" } }), {
    "content-type": "message/rfc822",
    "x-amz-meta-envelope-bytes": "12",
  });
  assert.deepEqual(headersOf({}), { "content-type": "application/octet-stream" });
});

const hopeless: readonly (readonly [string, ObjectAttributes])[] = [
  ["a content type with a line end", { contentType: "text/plain\r\nx-amz-acl: public-read" }],
  ["a content type that is not ASCII", { contentType: "text/plain; name=é" }],
  ["a value with a line end", { metadata: { note: "a\nb" } }],
  ["a value that is not ASCII", { metadata: { note: "é" } }],
  ["a name with a colon", { metadata: { "a:b": "" } }],
  ["a name in upper case, which would come back in lower", { metadata: { Note: "" } }],
  ["an empty name", { metadata: { "": "" } }],
];

for (const [which, attributes] of hopeless) {
  test(`${which} can never be stored`, () => assert.throws(() => headersOf(attributes), PermanentError));
}
