/** The benchmark but for what needs the cloud; `run.ts` starts it where the lab is. Names of parts as arguments run only those. */
import { labState } from '../lab/lab.ts';
import { benchAck } from './ack.ts';
import { benchCloudCalls } from './cloud-calls.ts';
import { benchDataPath } from './data-path.ts';
import { benchExpose } from './expose.ts';
import { type Figure, printTable } from './figures.ts';
import { benchPanic } from './panic.ts';
import { benchReconcile } from './reconcile.ts';
import { benchRecover } from './recover.ts';
import { benchRequests } from './requests.ts';

const lab = labState();
if (lab === undefined) throw new Error('The lab is not up: start this with `npm run bench`.');

const parts: Record<string, () => Promise<Figure[]>> = {
  ack: () => benchAck(lab),
  expose: () => benchExpose(lab),
  'data-path': () => benchDataPath(lab),
  requests: () => benchRequests(),
  panic: () => benchPanic(lab),
  reconcile: () => benchReconcile(),
  recover: () => benchRecover(),
  'cloud-calls': () => benchCloudCalls(),
};
const asked = process.argv.slice(2);
const figures: Figure[] = [];
for (const [name, part] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`measuring ${name} …`);
  figures.push(...(await part()));
}
printTable(figures);
