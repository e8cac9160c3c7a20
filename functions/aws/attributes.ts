import { PermanentError } from "../mail/errors.ts";
import type { ObjectAttributes } from "../mail/ports.ts";

export const defaultContentType = "application/octet-stream";

const metadataPrefix = "x-amz-meta-";

/** Printable ASCII: whatever else stood in a header would be changed on its way or, worse, end it. */
const valuePattern = /^[\x20-\x7e]*$/;
const namePattern = /^[a-z0-9-]+$/;

/** An object's attributes as request headers. Trying again cannot help one that no header can hold. */
export function headersOf({ contentType = defaultContentType, metadata = {} }: ObjectAttributes) {
  const headers: Record<string, string> = { "content-type": contentType };
  for (const [name, value] of Object.entries(metadata)) {
    if (!namePattern.test(name)) throw new PermanentError(`metadata name ${JSON.stringify(name)}`);
    headers[metadataPrefix + name] = value;
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!valuePattern.test(value))
      throw new PermanentError(`${name} is not printable ASCII: ${JSON.stringify(value)}`);
  }
  return headers;
}
