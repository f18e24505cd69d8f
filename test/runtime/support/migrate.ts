// The entry of a migrate bundle, as it stands beside `migrations.json`: the test says where that is.
import { migrate } from '../../../runtime/internal/migrate.ts';

process.argv[1] = `${process.env.BUNDLE}/migrate.mjs`;
await migrate();
