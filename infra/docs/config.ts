/** Writes docs/config.schema.json, which editors check a JSON config by: `node infra/docs/config.ts`. */
import { writeFile } from "node:fs/promises";
import * as z from "zod";
import { ConfigFile } from "../../functions/mail/config.ts";

export const configSchemaPath = "docs/config.schema.json";

export const configJsonSchema = () => ({
  title: "Mailchute config",
  ...z.toJSONSchema(ConfigFile, { io: "input" }),
});

if (import.meta.main) await writeFile(configSchemaPath, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
