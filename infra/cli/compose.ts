import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { CommandError, exitCodes } from "./exit.ts";
import { type Mail, type TemplateName, templates } from "./templates.ts";

export interface ComposeOptions {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject?: string;
  readonly text?: string;
  readonly html?: string;
  readonly attach?: readonly string[];
  /** A file that is sent as it is, in place of subject, text, html and attachments. */
  readonly eml?: string;
  readonly template: TemplateName;
}

/** The mail that the options ask for; what they leave out is the template's. */
export async function composeMail(options: ComposeOptions): Promise<Mail> {
  const { from, to, eml, subject, text, html, attach = [] } = options;
  if (eml !== undefined) return { mailFrom: from, rcptTo: to, content: { raw: await readInput(eml) } };
  const mail: Mail = templates[options.template]({ from, to });
  const own = withoutUnset({ subject, text, html });
  const attachments = await Promise.all(
    attach.map(async (path) => ({ filename: basename(path), content: await readInput(path) })),
  );
  if (!("raw" in mail.content)) {
    const all = [...(mail.content.attachments ?? []), ...attachments];
    return { ...mail, content: { ...mail.content, ...own, attachments: all } };
  }
  if (attachments.length > 0 || Object.keys(own).length > 0)
    throw new CommandError(
      exitCodes.usage,
      `--template ${options.template} has its own words: leave the others out`,
    );
  return mail;
}

export async function readInput(path: string): Promise<Buffer> {
  return readFile(path).catch((cause) => {
    throw new CommandError(exitCodes.usage, `${path} cannot be read: ${cause.code}`, { cause });
  });
}

const withoutUnset = (values: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
