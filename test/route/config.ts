import { parseConfig } from "../../functions/mail/config.ts";

export const config = parseConfig({
  hostname: "mx.example.com",
  endpoints: { inbox: { sink: true }, helpdesk: { sink: true }, archive: { sink: true } },
  routes: [
    { name: "spoofed", when: { dmarc: "fail", recipient: "bank@example.com" }, quarantine: "DMARC failed" },
    { name: "loops", when: { recipient: "loop@example.com" }, drop: "a loop" },
    {
      name: "copy",
      when: { recipient: "*@example.com", subject: "*invoice*" },
      to: "archive",
      continue: true,
    },
    { name: "replies", when: { recipient: "r+{ticket}@example.com" }, to: ["helpdesk", "archive"] },
    { name: "images", when: { recipient: "images@example.com", attachmentType: "image/*" }, to: "inbox" },
    { name: "rest", when: { recipient: ["a@example.com", "b@example.com"] }, to: "inbox" },
    { name: "files", when: { recipient: "files@example.com", hasAttachments: true }, to: "inbox" },
  ],
});
