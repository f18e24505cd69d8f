import { api } from 'encore.dev/api';
import { CronJob } from 'encore.dev/cron';

const remind = api({}, async () => {});
export { remind as remindReaders };

new CronJob('remind', { title: 'Remind readers', endpoint: remind, schedule: '0 7 * * MON-FRI' });
new CronJob('tidy', { endpoint: remind, every: '6h' });
