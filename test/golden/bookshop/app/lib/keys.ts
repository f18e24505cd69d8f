import { secret } from 'encore.dev/config';

const mailKey = secret('MailKey');

export const signature = (text: string) => `${text}.${mailKey()}`;
