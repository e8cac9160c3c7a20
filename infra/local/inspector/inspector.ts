import type { Config } from "../../../functions/mail/config.ts";
import type { Clock, Log, ObjectStore, Queue, Resolve } from "../../../functions/mail/ports.ts";
import type { Sink } from "../http/sink.ts";
import type { LocalObjectUrls } from "../object-urls.ts";
import type { QueueView } from "../queue/view.ts";
import type { Chaos } from "./chaos.ts";
import type { Evidence } from "./evidence.ts";
import type { MessageIndex } from "./message-index.ts";
import type { Meter } from "./meter.ts";

/** All that the inspector looks at and acts on. */
export interface Inspector {
  readonly index: MessageIndex;
  readonly evidence: Evidence;
  readonly meter: Meter;
  readonly chaos: Chaos;
  readonly sink: Sink;
  readonly store: ObjectStore;
  readonly queue: (name: string) => Queue;
  readonly view: (name: string) => QueueView;
  readonly config: ConfigControl;
  readonly urls: LocalObjectUrls;
  readonly resolve: Resolve;
  readonly log: Log;
  readonly now: Clock;
  /** `host:port` of the SMTP front end. */
  readonly smtpAddress: () => string;
}

export interface ConfigControl {
  /** In force, its sinks turned into URLs. */
  current(): Config;
  /** In force, as the file has it. */
  source(): Config;
  /** Puts another into force until the file changes or the program ends. */
  override(config: Config): void;
  /** Makes a new signing secret for the endpoint, the old one beside it; false where there is no such endpoint. */
  rotateSecret(endpoint: string): boolean;
}
