import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { app as expressApp } from "../../docs/examples/express.ts";
import { app as honoApp } from "../../docs/examples/hono.ts";
import { handler as lambdaHandler } from "../../docs/examples/lambda.ts";
import { createDeliverHandler } from "../../functions/deliver/handler.ts";
import type { RequestBody } from "../../functions/mail/ports.ts";
import { routedMessage, secretOf } from "../deliver/routed.ts";
import { listen } from "../deliver/servers.ts";
import { answer, setUp } from "../deliver/set-up.ts";
import { sqsEvent } from "../validate/handler-deps.ts";

process.env["WEBHOOK_SECRET"] = secretOf(1);

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody;
}

/** A request as Mailchute makes it. */
async function makeRequest(): Promise<Sent> {
  const { deps } = setUp();
  const sent: Sent[] = [];
  const post = async (request: Sent) => {
    sent.push(request);
    return answer(200);
  };
  await createDeliverHandler({ ...deps, now: Date.now, post })(sqsEvent(routedMessage()));
  const [request] = sent;
  assert.ok(request !== undefined);
  return request;
}

interface Answered {
  readonly status: number;
  readonly text: string;
}

const receivers: Readonly<Record<string, (request: Sent) => Promise<Answered>>> = {
  hono: async ({ headers, body }) => {
    const response = await honoApp.request("/hooks/mail", { method: "POST", headers, body: String(body) });
    return { status: response.status, text: await response.text() };
  },
  express: async ({ headers, body }) => {
    await using server = await listen(createServer(expressApp));
    const url = `http://127.0.0.1:${server.port}/hooks/mail`;
    const response = await fetch(url, { method: "POST", headers, body: String(body) });
    return { status: response.status, text: await response.text() };
  },
  lambda: async ({ headers, body }) => {
    const { statusCode = 200, body: text = "" } = await lambdaHandler({
      ...functionUrlEvent,
      headers,
      body: Buffer.from(String(body)).toString("base64"),
      isBase64Encoded: true,
    });
    return { status: statusCode, text };
  },
};

const functionUrlEvent = {
  version: "2.0",
  routeKey: "$default",
  rawPath: "/",
  rawQueryString: "",
  requestContext: {
    accountId: "anonymous",
    apiId: "a",
    domainName: "a.lambda-url.test",
    domainPrefix: "a",
    http: { method: "POST", path: "/", protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "Mailchute" },
    requestId: "1",
    routeKey: "$default",
    stage: "$default",
    time: "",
    timeEpoch: 0,
  },
};

for (const [name, receive] of Object.entries(receivers))
  describe(`the ${name} example`, () => {
    test("takes a genuine mail once", async () => {
      const request = await makeRequest();
      const taken = await receive(request);
      assert.deepEqual(
        [taken.status, JSON.parse(taken.text)],
        [200, { ticket: "42", subject: "Hello", isVerified: true }],
      );
      const repeated = await receive(request);
      assert.deepEqual([repeated.status, JSON.parse(repeated.text)], [200, { repeated: true }]);
    });

    test("refuses a forged one", async () => {
      const { headers, body } = await makeRequest();
      const { status, text } = await receive({ headers, body: String(body).replace("Hello", "Hallo") });
      assert.deepEqual([status, text], [401, "webhook-signature does not match"]);
    });
  });
