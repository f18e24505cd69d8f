import { main } from '../../main.ts';
import { leaf } from './leaf.ts';

await main(leaf);
