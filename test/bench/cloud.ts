/** The part of the benchmark that needs the cloud; `run.ts` starts it where the cloud is. */
import { cloudState } from '../lab/openstack/cloud-lab.ts';
import { assertBridge } from '../lab/openstack/external-bridge.ts';
import { printTable } from './figures.ts';
import { benchHostCreate } from './host-create.ts';

const cloud = cloudState();
if (cloud === undefined) throw new Error('The cloud is not up: start this with `npm run bench host-create`.');
assertBridge();
console.log('measuring host-create …');
printTable(await benchHostCreate(cloud));
