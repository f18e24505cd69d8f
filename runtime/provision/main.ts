// The program of the kit's own image that makes databases and roles.
import { provision } from '../internal/provision.ts';

await provision();
