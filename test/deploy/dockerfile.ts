import { readFileSync } from "node:fs";

export interface Step {
  readonly instruction: string;
  readonly rest: string;
}

/** The instructions of the front end's Dockerfile, stage by stage, without comments; it has no continued lines. */
export function readDockerfile(): readonly (readonly Step[])[] {
  const stages: Step[][] = [];
  for (const line of readFileSync("functions/smtp/Dockerfile", "utf8").split("\n")) {
    const [, instruction = "", rest = ""] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    if (instruction === "FROM") stages.push([]);
    if (instruction !== "") stages.at(-1)?.push({ instruction, rest });
  }
  return stages;
}
