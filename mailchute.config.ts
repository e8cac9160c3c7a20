import { defineConfig } from "./functions/mail/config.ts";

// `npm start` reads this file again whenever it changes; a version with an error is refused, and says why.
export const config = defineConfig({
  // The name in the greeting, in Received fields and in the MX record of your domain.
  hostname: "mx.example.com",

  // Where mail goes. `sink` is built in: what it gets is shown at http://127.0.0.1:8025.
  endpoints: {
    inbox: { sink: true },
    // helpdesk: { url: "https://app.example.com/hooks/mail" },
    // laptop: { url: "http://127.0.0.1:3000/hook", allowPrivateAddress: true },
  },

  // Tried in order for each recipient; the first that matches takes it. Who matches none is unknown: 550 at RCPT.
  routes: [
    // The webhook gets { "ticket": "42" } for reply+42@example.com.
    { name: "replies", when: { recipient: "reply+{ticket}@example.com" }, to: ["inbox"] },

    // On the Internet you want this one too, in front; on a laptop there is no DNS to tell by.
    // { name: "spoofed", when: { dmarc: "fail" }, quarantine: "DMARC failed" },

    { name: "rest", when: { recipient: "*@example.com" }, to: ["inbox"] },
  ],
});
