import { createHmac } from 'node:crypto';
import { secret } from 'encore.dev/config';
import log from 'encore.dev/log';

const apiKey = secret('MailApiKey');

export interface Mail {
  /** Two mails of one id are the same mail. */
  id: string;
  to: string;
  subject: string;
}

/** Stands in for a mail provider: the log is the outbox, and each mail is signed the way a provider's API asks for it. */
export function send(mail: Mail): void {
  const signature = createHmac('sha256', apiKey()).update(JSON.stringify(mail)).digest('hex');
  log.info('mail sent', { ...mail, signature });
}
