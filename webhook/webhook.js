// What a receiver of webhooks needs, wherever there is WebCrypto: Node 20, Deno, Bun, workers. JavaScript, not TypeScript,
// since Node strips no types in node_modules: see docs/decisions/0012.

/** A request that is not to be trusted; the message says which check it failed. */
export class WebhookError extends Error {
  name = "WebhookError";
}

/** How far the sender's clock and this one may be apart; an older request may be one that was recorded. */
export const toleranceSeconds = 300;

/** The mail in a genuine request. Rejects with a {@link WebhookError} for any other. */
export async function verify(body, headers, secrets, { now = Date.now } = {}) {
  const id = read(headers, "webhook-id");
  const timestamp = read(headers, "webhook-timestamp");
  const signatures = read(headers, "webhook-signature");
  if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookError("webhook-timestamp is no time");
  const ageSeconds = now() / 1000 - Number(timestamp);
  if (Math.abs(ageSeconds) > toleranceSeconds)
    throw new WebhookError("webhook-timestamp is too far from now");
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const signed = join(new TextEncoder().encode(`${id}.${timestamp}.`), bytes);
  for (const secret of [secrets].flat()) {
    const key = await importKey(secret);
    for (const signature of signatures.split(" ")) {
      const mac = decode(/^v1,([A-Za-z0-9+/]{43}=)$/.exec(signature)?.[1] ?? "");
      if (mac.length > 0 && (await crypto.subtle.verify("HMAC", key, mac, signed))) return parse(bytes);
    }
  }
  throw new WebhookError("webhook-signature does not match");
}

/** From `Headers`, from Node's `request.headers`, or from a Lambda event's, whatever the case of the names. */
function read(headers, name) {
  const value =
    typeof headers.get === "function"
      ? headers.get(name)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  if (typeof value !== "string" || value === "") throw new WebhookError(`${name} is missing`);
  return value;
}

async function importKey(secret) {
  const key = decode(/^whsec_([A-Za-z0-9+/]{32,}={0,2})$/.exec(secret)?.[1] ?? "");
  if (key.length === 0) throw new TypeError("the secret must be whsec_ and base64 of at least 24 bytes");
  return crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

const decode = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

function join(first, second) {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

const parse = (bytes) => JSON.parse(new TextDecoder().decode(bytes));
