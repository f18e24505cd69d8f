import { describeTarget } from '../conformance/target.ts';
import { makeLocalHarness } from './support/harness.ts';

describeTarget('local', makeLocalHarness);
