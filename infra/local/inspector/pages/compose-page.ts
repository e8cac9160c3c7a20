import { templateNames } from "../../http/api/compose.ts";
import { type Html, html } from "../../http/html.ts";
import { layout } from "./layout.ts";

export const composePage = (recipient: string): Html =>
  layout(
    "Compose",
    "/compose",
    html`
<p class="hint">The mail goes through real SMTP, and through everything behind it.</p>
<form class="fields" data-path="/api/v1/send">
<label>Template <select name="template">${templateNames.map((name) => html`<option>${name}</option>`)}</select></label>
<label>From <input name="from" value="you@example.org" required></label>
<label>To <input name="to" value="${recipient}" required></label>
<label>Subject <input name="subject" placeholder="the template's"></label>
<label>Text <textarea name="text" placeholder="the template's"></textarea></label>
<div class="actions"><button>Send</button></div>
</form>
<h2>A file</h2>
<p class="drop"><label>Drop an .eml file anywhere here, or choose one: <input id="eml" type="file" accept=".eml,message/rfc822"></label><br>
<small>It is sent as it is, from and to the addresses above.</small></p>`,
  );
