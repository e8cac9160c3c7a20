/** What mail programs put before a quote and below a text, in the languages they speak. */

type Role = "from" | "sent" | "date" | "to" | "copy" | "subject";

/** The fields that a program writes above a message it quotes; `sent` names a moment as only mail programs do. */
const labels: Record<Role, string> = {
  from: "from|von|de|van|da|fra|från|od|от|від|lähettäjä|kimden|gönderen|feladó|från|expéditeur|remitente|remetente|mittente|afzender|avsändare|从|发件人|寄件者|寄件人|差出人|送信者|보낸 ?사람|보낸이|מאת|من|από|nadawca|odesílatel|pošiljatelj|de la",
  sent: "sent|gesendet|envoyé(?: le)?|verzonden|inviato(?: il)?|enviado(?: el| em)?|enviada(?: em)?|sendt|skickat|wysłano|отправлено|надіслано|lähetetty|gönderildi|gönderme tarihi|发送时间|寄件日期|傳送時間|送信日時|보낸 ?날짜|elküldve|odesláno|message du|נשלח|تم الإرسال",
  date: "date|datum|data|fecha|dato|дата|päivämäärä|päiväys|tarih|dátum|日期|日付|时间|날짜|ημερομηνία",
  to: "to|an|à|aan|a|para|til|till|do|komu|кому|vastaanottaja|kime|alıcı|címzett|收件人|宛先|받는 ?사람|받는이|אל|إلى|προς|destinataire|destinatario|destinatário|adresat",
  copy: "cc|kopie(?: à)?|copie(?: à)?|copia|cópia|kopi|kopia|копия|копія|másolatot kap|抄送|副本|참조|עותק",
  subject:
    "subject|betreff|objet|sujet|onderwerp|oggetto|asunto|assunto|emne|ämne|temat|тема|aihe|konu|tárgy|předmět|主题|主旨|主旨|件名|제목|נושא|الموضوع|θέμα|subiect|predmet",
};

const labelled = Object.entries(labels).map(
  ([role, words]) => [role, new RegExp(`^[\\s*]*(?:${words})[\\s*]*[:：]`, "iu")] as const,
);

const labelMaxLength = 40;

/** Which field of a quoted header the line is; null for any other line. */
export function roleOf(line: string): string | null {
  const head = line.slice(0, labelMaxLength);
  return /[:：]/.test(head) ? (labelled.find(([, pattern]) => pattern.test(head))?.[0] ?? null) : null;
}

const originals = [
  "original message|original appointment|forwarded message|forwarded by",
  "ursprüngliche nachricht|originalnachricht|original-nachricht|weitergeleitete nachricht",
  "message d['’]origine|message original|message transféré|message initial",
  "mensaje original|mensaje reenviado|mensagem original|mensagem encaminhada|messaggio originale|messaggio inoltrato",
  "oorspronkelijk bericht|doorgestuurd bericht|oprindelig (?:besked|meddelelse)|videresendt (?:besked|melding)",
  "opprinnelig melding|ursprungligt meddelande|originalmeddelande|vidarebefordrat meddelande",
  "alkuperäinen viesti|välitetty viesti|oryginalna wiadomość|wiadomość oryginalna|původní zpráva|eredeti üzenet",
  "исходное сообщение|пересылаемое сообщение|оригинальное сообщение|оригінальне повідомлення",
  "orijinal (?:mesaj|ileti)|özgün ileti|原始邮件|原始郵件|原邮件|转发的邮件|元のメッセージ|転送メッセージ|원본 (?:메시지|메일)",
].join("|");

const originalLine = new RegExp(`^\\s{0,9}[-_=*]{2,80}\\s{0,9}(?:${originals})[\\s*:]{0,9}[-_=*]{2}`, "iu");
const forwardLine =
  /^(?:begin forwarded message|anfang der weitergeleiteten nachricht|début du message (?:transféré|réexpédié)|inizio messaggio inoltrato|inicio del mensaje reenviado|начало пересылаемого сообщения|転送されたメッセージ)\s*[:：]?\s*$/iu;

/** A line between dashes that announces the message below it. */
export const announcesOriginal = (line: string) => originalLine.test(line) || forwardLine.test(line);

/** "X wrote", as a word of its own. */
const wrote =
  /(?:^|[^\p{L}])(?:wrote|writes|schrieb|schreef|a écrit|écrit|escribió|escribio|escreveu|ha scritto|scrisse|skrev|kirjoitti|napisał(?:\(a\)|a)?|napsal\(?a?\)?|napísal|pisze|írta|yazdı|(?:на)?писал(?:\(а\)|а)?|пишет|написав|a scris|je napisao|έγραψε|כתב|كتب)(?:$|[^\p{L}])|写道|寫道|のメッセージ|書きました|님이? 작성/iu;

export const saysWrote = (text: string) => wrote.test(text);

/** "You wrote", which is said of the quoted mail alone. */
export const saysYouWrote = (text: string) =>
  /\b(?:you|du|sie|vous|tú|usted|você) (?:wrote|schriebst|schrieben|avez écrit|escribiste|escribió|escreveu)\b/i.test(
    text,
  );

/** What phones and programs put below a text, on a line of its own that is no sentence. */
const footer =
  /^(?:sent (?:from|with|via|using) |get outlook for |(?:von meinem|gesendet (?:von|mit|aus)) |diese nachricht wurde von mein|envoyé (?:de(?:puis)?|à partir de|avec) |télécharge[rz] outlook|enviado (?:desde|do|de|a partir|com) |inviato (?:da|con) |verzonden (?:vanaf|met|van|vanuit) |sendt (?:fra|med) |skickat från |lähetetty |wysłan[eoy] z|odesláno z|отправлено (?:с|из) |надіслано з |iphone['’]?umdan|[\p{L}\d ]{1,30}(?:から送信|에서 보냄)|发自|從我的|从我的)/iu;

export const isFooter = (line: string) =>
  line.length <= 120 && footer.test(line) && !/[.,;!?。]$|, |\. /.test(line.replace(/<[^>]*>/g, ""));
