/** The template of a deployment with everything switched on, for who looks at templates: `node test/deploy/everything-on.ts`. */
import { everythingOn, synthesise } from "../infra/synthesised.ts";

process.stdout.write(JSON.stringify(synthesise(...everythingOn).toJSON()));
