import { Annotations, Stack } from "aws-cdk-lib";
import { Construct } from "constructs";
import type { Config } from "../../functions/mail/config.ts";
import type { Deployment } from "../deployment.ts";
import { createAlarms } from "./alarms.ts";
import { createAudit } from "./audit.ts";
import { createCanary, createCanaryNest } from "./canary.ts";
import { createCertificate } from "./certificate.ts";
import { createDashboard } from "./dashboard.ts";
import { createEndpointSecrets } from "./endpoint-secrets.ts";
import { createFrontEnd, type FrontEnd } from "./front-end.ts";
import { createMailBucket } from "./mail-bucket.ts";
import { createMailRecords } from "./mail-records.ts";
import { createVpc } from "./network.ts";
import { publishConfig } from "./published-config.ts";
import { createStageQueues, notify, queueNamed } from "./stage-queues.ts";
import { createStages } from "./stages.ts";

export interface MailchuteProps {
  readonly config: Config;
  readonly deployment: Deployment;
}

/** The whole of it, to put into a stack of your own. */
export class Mailchute extends Construct {
  readonly bucketName: string;
  readonly frontEnd: FrontEnd;

  constructor(scope: Construct, id: string, { config, deployment }: MailchuteProps) {
    super(scope, id);
    const { service } = deployment;
    warnOfSinks(this, config);
    const bucket = createMailBucket(this, deployment);
    const queues = createStageQueues(this, service);
    notify(bucket, queueNamed(queues, "parse"), Stack.of(this).account);
    const secrets = createEndpointSecrets(this, config, service);
    const nest = createCanaryNest(this, config, service);
    const stages = createStages(this, { service, bucket, queues, config, nest, secrets });
    const published = publishConfig(this, config, { bucket, service, nest });
    const vpc = createVpc(this, deployment);
    const certificate = createCertificate(this, { config, deployment });
    if (certificate === null && deployment.mtaSts === "enforce") {
      throw new Error(
        "mtaSts is enforce, and the front end would sign its own certificate: senders would deliver nothing. Give a hosted zone that the MX host lies in, or the secret of a certificate",
      );
    }
    const certificateArn = certificate?.secretArn ?? null;
    this.frontEnd = createFrontEnd(this, { vpc, bucket, deployment, certificateArn });
    // A front end without a config does not start.
    this.frontEnd.service.node.addDependency(published);
    createMailRecords(this, { config, deployment, frontEnd: this.frontEnd });
    const { targets } = this.frontEnd;
    const { account } = Stack.of(this);
    const canary = createCanary(this, { vpc, frontEnd: this.frontEnd, nest, service });
    const audit = createAudit(this, service);
    const isCertificateWatched = certificate !== null;
    const watched = { account, queues, targets, stages, audit, isCertificateWatched };
    const alarms = createAlarms(this, { config, deployment, ...watched });
    const renewing = certificate === null ? [] : [certificate.renewing];
    const functions = [...stages, canary, audit, ...renewing];
    createDashboard(this, { service, config, alarms, queues, functions, stages });
    this.bucketName = bucket.bucketName;
  }
}

function warnOfSinks(scope: Construct, { endpoints }: Config): void {
  for (const [name, endpoint] of Object.entries(endpoints)) {
    if (!("sink" in endpoint)) continue;
    Annotations.of(scope).addWarningV2(
      `mailchute:sink:${name}`,
      `endpoint ${name} is the built-in sink of npm start: on AWS all mail to it ends in the dead-letter queue. Give it a url or a queue`,
    );
  }
}
