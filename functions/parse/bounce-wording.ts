/**
 * How mail systems say, in the languages they speak, that mail was not delivered. A sentence says so when it has a word
 * for delivery and one for failure: whole sentences would be those of the programs that happened to be looked at.
 */
interface Language {
  /** Stems of words for the delivery of mail. */
  readonly delivery: RegExp;
  /** Stems of words that say it did not happen. */
  readonly failure: RegExp;
}

const languages: readonly Language[] = [
  {
    // English
    delivery:
      /deliver|delever|returned mail|returning message|to (?:the )?sender|reach|recipient|mailbox|mailfolder|addresses|account|(?:user|host|domain)s? unknown|unknown (?:user|host|domain)|send(?:ing)? (?:your|message|mail)|mail fail|failure notice|mail system/,
    failure:
      /\bnot\b|n['’]t\b|\bno\b|cannot|unable|fail|error|problem|trouble|undeliver|reject|refus|return|delay|unknown|disabled|full\b|exceed|abort|incorrect/,
  },
  {
    // German
    delivery: /zustell|zugestellt|übermitt|ausgeliefert|empfänger|weitergeleitet/,
    failure: /nicht|fehl|unzustellbar|unmöglich|unbekannt|verzöger|zurück/,
  },
  {
    // French
    delivery: /remis|remettre|livr|distribu|achemin|délivr|destinataire|transmis/,
    failure: /\bpas\b|échec|échoué|impossible|\bnon\b|n['’]a pu|erreur|inconnu|retard|rejet/,
  },
  {
    // Spanish, Portuguese, Italian
    delivery: /entreg|enviad|destinat|recapit|consegn|inoltr/,
    failure:
      /\bno\b|\bnão\b|\bnon\b|falh|fall[oóai]|error|imposible|impossí|mancat|desconoc|desconhec|sconosciut|retras|ritard|devuelt|devolv|rechaz|rejeit|respint/,
  },
  {
    // Dutch, Danish, Norwegian, Swedish
    delivery: /bezorg|afgelever|verzonden|aflever|\blever|leverer|utlever|mottaker|modtager|mottagar/,
    failure:
      /\bniet\b|mislukt|\bfout|\bikke\b|\binte\b|fejl|feil|misslyck|mislyk|onbekend|ukjent|ukendt|okänd/,
  },
  {
    // Polish, Czech
    delivery: /dostarcz|doręcz|doruč|adresat|příjemc|odesł/,
    failure: /\bnie\b|błąd|błęd|niepowodz|nelze|nebyl|nepodař|nedoruč|chyb|niedostarcz|niedoręcz/,
  },
  {
    // Finnish, Turkish
    delivery: /toimit|perille|vastaanottaj|teslim|iletil|ilet[ie]|gönderil|ulaştır/,
    failure: /\bei\b|epäonn|virhe|edilemed|ulaştırılam|hata|başarısız|iletilem|gönderilem|toimittamat/,
  },
  {
    // Russian, Ukrainian
    delivery: /достав|получател|отправ|одержувач/,
    failure: /(?:^|[^\p{L}])не(?:$|[^\p{L}])|недостав|невозможн|ошибк|помилк|неможлив|отклон/u,
  },
  {
    // Japanese, Chinese, Korean
    delivery:
      /配信|送信|配送|配達|届|宛先|メール|投递|投遞|发送|發送|傳送|传送|送达|送達|寄送|收件人|전송|배달|발송|수신자/,
    failure:
      /できま|出来ま|できない|ませんでした|失敗|エラー|不能|不達|存在し|遅延|失败|无法|無法|未能|退回|退信|错误|錯誤|실패|못|오류|불가|반송/,
  },
];

const delay =
  /delay|\bwarning\b|still being retried|verzöger|retard|retras|ritard|atras|vertrag|forsink|försen|opóźn|zpožd|viivä|gecik|задерж|затрим|отлож|遅延|遅れ|延迟|延遲|지연/;

/** Whether a sentence of the text says that mail was not delivered. */
export function saysFailure(text: string): boolean {
  return sentencesOf(text).some((sentence) =>
    languages.some(({ delivery, failure }) => delivery.test(sentence) && failure.test(sentence)),
  );
}

/** Whether a subject says that mail is late, rather than lost. */
export const saysDelay = (subject: string) => delay.test(subject.toLowerCase());

function sentencesOf(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/[.!?;][ \t\r\n]|[。！？]|\n[ \t\r]*\n/g, "\0")
    .replace(/[ \t\r\n]+/g, " ")
    .split("\0");
}
