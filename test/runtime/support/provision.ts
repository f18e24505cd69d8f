// The entry of the kit's own program that makes databases and roles.
import { provision } from '../../../runtime/internal/provision.ts';

await provision();
