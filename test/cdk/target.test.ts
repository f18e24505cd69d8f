import { describeTarget } from '../conformance/target.ts';
import { makeAwsHarness } from './support/harness.ts';

describeTarget('aws', makeAwsHarness);
